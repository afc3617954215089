// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The conditions of a GET or HEAD, in the order of RFC 9110, section 13.2.2, which is S3's too.
struct Conditions: Hashable, Sendable {
    /// What the conditions make of a request.
    enum Verdict: Hashable, Sendable {
        /// Answer as if there were none.
        case proceed
        /// 304: the client has it already.
        case notModified
        /// 412: it is not what the client expects; the name of the header that says so.
        case failed(String)
    }

    var ifMatch: String?
    var ifNoneMatch: String?
    var ifModifiedSince: String?
    var ifUnmodifiedSince: String?
    var ifRange: String?

    init(header: (String) -> String?) {
        ifMatch = header("if-match")
        ifNoneMatch = header("if-none-match")
        ifModifiedSince = header("if-modified-since")
        ifUnmodifiedSince = header("if-unmodified-since")
        ifRange = header("if-range")
    }

    /// Weighs the conditions against an object.
    func verdict(etag: String, modified: Timestamp) -> Verdict {
        if let ifMatch {
            guard Self.list(ifMatch, names: etag, allowingWeak: false) else {
                return .failed("If-Match")
            }
        } else if let limit = ifUnmodifiedSince.flatMap(HTTPDate.moment),
            modified.wholeSecond > limit
        {
            return .failed("If-Unmodified-Since")
        }
        if let ifNoneMatch {
            return Self.list(ifNoneMatch, names: etag, allowingWeak: true) ? .notModified : .proceed
        }
        if let limit = ifModifiedSince.flatMap(HTTPDate.moment), modified.wholeSecond <= limit {
            return .notModified
        }
        return .proceed
    }

    /// Whether a `Range` still counts: a client that resumes names what it has with `If-Range`.
    func allowsRange(etag: String, modified: Timestamp) -> Bool {
        guard let ifRange else { return true }
        if let moment = HTTPDate.moment(ifRange) { return moment == modified.wholeSecond }
        return Self.unquoted(ifRange[...]) == etag[...]
    }

    private static func list(_ list: String, names etag: String, allowingWeak: Bool) -> Bool {
        list.split(separator: ",").contains { part in
            var part = part.trimmed
            if part == "*" { return true }
            if part.hasPrefix("W/") {
                guard allowingWeak else { return false }
                part = part.dropFirst(2)
            }
            return unquoted(part) == etag[...]
        }
    }

    /// S3 takes an ETag without its quotes as well.
    private static func unquoted(_ text: Substring) -> Substring {
        let text = text.trimmed
        guard text.utf8.count >= 2, text.first == "\"", text.last == "\"" else { return text }
        return text.dropFirst().dropLast()
    }
}
