// SPDX-License-Identifier: Apache-2.0

/// How requests to one peer go out: through which proxy, and with how much patience.
///
/// Nothing is taken from the environment; whoever wants that reads it and says so here.
public struct HTTPRoute: Hashable, Sendable {
    /// The proxy; absent: none.
    public var proxy: HTTPProxy?
    /// How long a connection may take, in place of `HTTPOptions.connectTimeout`.
    public var connectTimeout: Duration?
    /// How long an answer may take, in place of `HTTPOptions.answerTimeout`.
    public var answerTimeout: Duration?
    /// Over what time a body that moves too slowly is given up, in place of `HTTPOptions.stallTime`.
    public var stallTime: Duration?

    /// Makes a route; what is absent is as the client's options have it.
    public init(
        proxy: HTTPProxy? = nil,
        connectTimeout: Duration? = nil,
        answerTimeout: Duration? = nil,
        stallTime: Duration? = nil
    ) {
        self.proxy = proxy
        self.connectTimeout = connectTimeout
        self.answerTimeout = answerTimeout
        self.stallTime = stallTime
    }
}

/// A proxy, with the name and password it may ask for; the password is never shown.
public struct HTTPProxy: Hashable, Sendable {
    /// How a proxy is spoken to.
    public enum Scheme: String, Hashable, Sendable, CaseIterable {
        /// In plain HTTP; TLS goes through it by CONNECT.
        case http
        /// The same over TLS.
        case https
        /// SOCKS version 5; the proxy looks names up.
        case socks5h
    }

    /// How it is spoken to.
    public var scheme: Scheme
    /// Its host; an IPv6 address in brackets.
    public var host: String
    /// Its port.
    public var port: Int
    /// The name it knows us by, if it asks.
    public var user: String?
    /// The password that goes with the name.
    public var password: String?

    /// Makes a proxy.
    public init(
        scheme: Scheme,
        host: String,
        port: Int,
        user: String? = nil,
        password: String? = nil
    ) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.user = user
        self.password = password
    }

    /// Whether it wants the whole URL of a request that is not tunnelled (RFC 9112, section 3.2.2).
    var wantsWholeURL: Bool { scheme != .socks5h }
}

extension HTTPProxy: CustomStringConvertible, CustomReflectable {
    /// `http://proxy.example.org:3128`, without name and password.
    public var description: String { "\(scheme.rawValue)://\(host):\(port)" }

    /// Shows no more than the description.
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}
