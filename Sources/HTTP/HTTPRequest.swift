// SPDX-License-Identifier: Apache-2.0

/// One request: these headers are sent and no others but `Host`, `Content-Length`, `User-Agent`
/// where they are not given, and `Expect` for large bodies.
///
/// A signature covers exact headers, so nothing is added (`Accept`, `Content-Type`), nothing is
/// decoded in the URL's path, and no redirect is followed.
@safe
public struct HTTPRequest: Sendable {
    /// The method, in capitals.
    public var method: String
    /// The bytes of an `http` or `https` URL, sent as they stand.
    public var url: [UInt8]
    /// The headers in the order they are sent.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: HTTPBody
    /// The longest answer that is kept, in bytes; default 64 KiB.
    ///
    /// A longer one is `HTTPError.answerTooLarge`.
    public var maxResponseBytes: Int
    /// How long the answer may take once the body is sent; nothing for the client's own limit.
    public var answerTimeout: Duration?
    /// Whether a connection of its own is opened for it.
    ///
    /// libcurl sends a request again by itself when a kept connection turns out to be closed; the
    /// host may have done by then what may be done only once.
    public var opensConnection = false
    /// What the clocks said just before it was signed, if its signature ends with time.
    ///
    /// Once they have jumped since (`ClockReading.hasJumped`), or this process was stopped for as
    /// long, it is neither sent nor waited for any more but fails with `HTTPError.slept`.
    public var signedAt: ClockReading?
    /// Which addresses it may connect to; default any.
    ///
    /// By a proxy it is the proxy's that counts.
    public var addresses = AddressRule.any
    /// The Unix socket to connect to in place of the URL's host.
    public var unixSocket: String?
    /// A file of trusted certificates (PEM) in place of the client's.
    public var caFile: String?
    /// Takes the answer's bytes as they come, in place of `HTTPResponse.body`, without a limit.
    ///
    /// Called only for status 200 to 299 (the text of an error is still kept), on the client's own
    /// thread. An error ends the request with `HTTPError.receiverFailed`.
    public var onBody: (@Sendable (UnsafeRawBufferPointer) throws -> Void)?

    /// Makes a request; every default is the one its property names.
    @safe
    public init(
        method: String,
        url: [UInt8],
        headers: [(name: String, value: String)] = [],
        body: HTTPBody = .none,
        maxResponseBytes: Int = 65_536,
        answerTimeout: Duration? = nil,
        unixSocket: String? = nil,
        caFile: String? = nil,
        onBody: (@Sendable (UnsafeRawBufferPointer) throws -> Void)? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.maxResponseBytes = maxResponseBytes
        self.answerTimeout = answerTimeout
        self.unixSocket = unixSocket
        self.caFile = caFile
        unsafe self.onBody = onBody
    }
}
