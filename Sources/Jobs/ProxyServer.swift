// SPDX-License-Identifier: Apache-2.0

/// A proxy as a URL names it.
public struct ProxyServer: Hashable, Sendable {
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
    /// Its host in lower case; an IPv6 address in brackets.
    public var host: String
    /// Its port.
    public var port: Int

    /// Names a proxy.
    public init(scheme: Scheme, host: String, port: Int) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    /// Reads `http://host:port`, `https://host:port` or `socks5h://host:port`; nothing for any other
    /// text, and for one with a name or a password in it.
    public init?(_ text: String) {
        guard let colon = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<colon.lowerBound].lowercased())
        else { return nil }
        var rest = text[colon.upperBound...]
        if rest.last == "/" { rest.removeLast() }
        guard let mark = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: mark)...]),
            (1...65_535).contains(port),
            rest[rest.index(after: mark)...].utf8.allSatisfy(\.isASCIIDigit)
        else { return nil }
        // An endpoint's host has the same form.
        guard let endpoint = try? Endpoint("http://" + rest), endpoint.basePath.isEmpty else {
            return nil
        }
        self.init(scheme: scheme, host: endpoint.host, port: port)
    }

    /// Whether it is on this machine.
    public var isLoopback: Bool {
        Endpoint(isSecure: false, host: host, port: port).isLoopback
    }
}

extension ProxyServer: CustomStringConvertible {
    /// The URL.
    public var description: String { "\(scheme.rawValue)://\(host):\(port)" }
}
