// SPDX-License-Identifier: Apache-2.0

/// How requests to a store go out.
public struct Transport: Hashable, Sendable {
    /// The proxy; default none, whatever the environment says.
    public var proxy: ProxyChoice
    /// A file that holds `NAME:PASSWORD` for the proxy; its path is absolute.
    public var proxyCredentialsFile: String?
    /// How long a connection may take; default 10 s.
    public var connectTimeout: Span?
    /// How long an answer may take once a small body is sent; default 60 s.
    ///
    /// A second is added for every 50 MB of body.
    public var answerTimeout: Span?
    /// Over what time a body that moves at less than 1 KiB/s is given up; default 30 s.
    public var stallTimeout: Span?

    /// Makes a transport; every default is the one its property names.
    public init(
        proxy: ProxyChoice = .none,
        proxyCredentialsFile: String? = nil,
        connectTimeout: Span? = nil,
        answerTimeout: Span? = nil,
        stallTimeout: Span? = nil
    ) {
        self.proxy = proxy
        self.proxyCredentialsFile = proxyCredentialsFile
        self.connectTimeout = connectTimeout
        self.answerTimeout = answerTimeout
        self.stallTimeout = stallTimeout
    }
}

/// Which proxy a store is reached through.
public enum ProxyChoice: Hashable, Sendable {
    /// None.
    case none
    /// The one that `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` name.
    case environment
    /// This one.
    case server(ProxyServer)
}
