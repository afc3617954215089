// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// A store's answer to one request; what it means is decided in `StoreAnswer+Meaning.swift`.
public struct StoreAnswer: Sendable {
    /// The HTTP status.
    public let status: Int
    /// The body, empty for a HEAD.
    public let body: [UInt8]
    /// The first value of a header, by its lower-case name.
    public let header: @Sendable (String) -> String?
    /// The values of a header in the order they came, by its lower-case name.
    let values: @Sendable (String) -> [String]

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - body: The body.
    ///   - header: Gives the first value of a header.
    ///   - values: Gives all values of a header; absent: each comes once.
    public init(
        status: Int,
        body: [UInt8] = [],
        header: @escaping @Sendable (String) -> String? = { _ in nil },
        values: (@Sendable (String) -> [String])? = nil
    ) {
        self.status = status
        self.body = body
        self.header = header
        self.values = values ?? { name in header(name).map { [$0] } ?? [] }
    }

    /// What the headers say about the object.
    public func object(as dialect: StoreDialect) -> StoredObject { dialect.rules.object(in: self) }

    /// The ETag without quotes and without the mark of a weak one; empty if there is none.
    var etag: String { Self.bare(header("etag") ?? "") }

    /// `Content-Length`.
    var length: Int64? { header("content-length").flatMap { Int64($0) } }

    /// When the store answered, by its own clock (RFC 9110, section 6.6.1).
    public var date: Timestamp? { header("date").flatMap(HTTPDate.timestamp) }

    /// The region that a bucket is in, where the answer or its error says so in a form that a region
    /// can have.
    func region(_ error: StoreError) -> String? {
        let region = header("x-amz-bucket-region") ?? error.region
        let isGood = region.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "-") || byte.isASCIIDigit
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        return (1...64).contains(region.utf8.count) && isGood ? region : nil
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

    static func bare(_ etag: String) -> String {
        var text = Array(etag.utf8)[...]
        if text.starts(with: "W/".utf8) { text = text.dropFirst(2) }
        if text.first == UInt8(ascii: "\"") { text = text.dropFirst() }
        if text.last == UInt8(ascii: "\"") { text = text.dropLast() }
        return String(decoding: text, as: UTF8.self)
    }
}
