// SPDX-License-Identifier: Apache-2.0

/// What a server answered, whatever the status.
public struct HTTPResponse: Sendable {
    /// The status, 200 to 599; interim answers (1xx) are passed over.
    public var status: Int
    /// The headers.
    public var headers: HTTPHeaders
    /// The body; empty when it went to `HTTPRequest.onBody`.
    public var body: [UInt8]
    /// The time from taking a connection to the end of the answer.
    public var duration: Duration

    /// Makes an answer.
    public init(
        status: Int,
        headers: HTTPHeaders = HTTPHeaders(),
        body: [UInt8] = [],
        duration: Duration = .zero
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.duration = duration
    }
}
