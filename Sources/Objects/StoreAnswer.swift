// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// A store's answer to one request; what it means is decided in `StoreAnswer+Meaning.swift`.
public struct StoreAnswer: Sendable {
    /// The HTTP status.
    public let status: Int
    /// The body, empty for a HEAD.
    public let body: [UInt8]
    /// The first value of a header, by its lower-case name.
    public let header: @Sendable (String) -> String?

    /// Makes an answer.
    public init(
        status: Int,
        body: [UInt8] = [],
        header: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.status = status
        self.body = body
        self.header = header
    }

    /// What the headers say about the object.
    public var object: StoredObject {
        let encryption = header("x-amz-server-side-encryption")
        return StoredObject(
            etag: Self.bare(header("etag") ?? ""),
            versionID: header("x-amz-version-id").flatMap { $0 == "null" ? nil : $0 },
            crc64nvme: checksum,
            id: header(UploadPlan.idHeader),
            length: header("content-length").flatMap { Int64($0) },
            isEncrypted: encryption?.hasPrefix("aws:kms") == true
                || header("x-amz-server-side-encryption-customer-algorithm") != nil
        )
    }

    /// The checksum of the whole object; one composed of parts says nothing about the whole.
    private var checksum: UInt64? {
        guard header("x-amz-checksum-type") != "COMPOSITE" else { return nil }
        return header(UploadPlan.checksumHeader).flatMap(UploadPlan.checksum)
    }

    /// How far this machine's clock is ahead of the store's, if the answer has a date.
    func clockLead(at now: Timestamp) -> Span? {
        header("date").flatMap(HTTPDate.timestamp).map { now - $0 }
    }

    /// How long the store wishes to be left alone, at most an hour.
    ///
    /// `x-amz-retry-after` is in milliseconds; `Retry-After` in seconds or as a date (RFC 9110,
    /// section 10.2.3). Anything else is ignored.
    func wish(at now: Timestamp) -> Span? {
        let span: Span
        if let text = header("x-amz-retry-after"), let count = Int64(text), count < 86_400_000 {
            span = .milliseconds(count)
        } else if let text = header("retry-after") {
            if let count = Int64(text), count < 86_400 {
                span = .seconds(count)
            } else if let date = HTTPDate.timestamp(text) {
                span = date - now
            } else {
                return nil
            }
        } else {
            return nil
        }
        return span < .zero ? nil : min(span, .seconds(3_600))
    }

    private static func bare(_ etag: String) -> String {
        var text = Array(etag.utf8)[...]
        if text.starts(with: "W/".utf8) { text = text.dropFirst(2) }
        if text.first == UInt8(ascii: "\"") { text = text.dropFirst() }
        if text.last == UInt8(ascii: "\"") { text = text.dropLast() }
        return String(decoding: text, as: UTF8.self)
    }
}
