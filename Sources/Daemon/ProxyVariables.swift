// SPDX-License-Identifier: Apache-2.0

import HTTP
import Jobs

/// The proxy that the environment names, as curl reads it; asked only by a store that says
/// `proxy: env`.
struct ProxyVariables {
    private let environment: [String: String]

    init(_ environment: [String: String]) { self.environment = environment }

    /// The proxy to an endpoint; nothing for none.
    ///
    /// `HTTP_PROXY` in capitals does not count: a web server sets it to what a client sent
    /// (httpoxy, CVE-2016-5385).
    func proxy(to endpoint: Endpoint) throws(ProxyVariableError) -> HTTPProxy? {
        let names =
            endpoint.isSecure
            ? ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
            : ["http_proxy", "all_proxy", "ALL_PROXY"]
        guard let (name, text) = first(of: names), !isExcepted(endpoint) else { return nil }
        // A bare host is an HTTP proxy (curl(1), ENVIRONMENT).
        var url = text.contains("://") ? text : "http://\(text)"
        var pair: (user: String, password: String)?
        if let mark = url.lastIndex(of: "@"), let slashes = url.firstRange(of: "://") {
            let parts = url[slashes.upperBound..<mark].split(
                separator: ":",
                maxSplits: 1,
                omittingEmptySubsequences: false
            ).map { Self.decoded($0) }
            pair = (parts.first ?? "", parts.count > 1 ? parts[1] : "")
            url.removeSubrange(slashes.upperBound...mark)
        }
        guard let server = ProxyServer(url) else {
            // Not shown: a password may be in it.
            throw ProxyVariableError(name: name)
        }
        return HTTPProxy(server, pair)
    }

    private func first(of names: [String]) -> (name: String, value: String)? {
        for name in names {
            if let value = environment[name], !value.isEmpty { return (name, value) }
        }
        return nil
    }

    /// `no_proxy`: names of hosts and domains, or `*`.
    private func isExcepted(_ endpoint: Endpoint) -> Bool {
        guard let (_, list) = first(of: ["no_proxy", "NO_PROXY"]) else { return false }
        return list.split(whereSeparator: { $0 == "," || $0 == " " }).contains { entry in
            if entry == "*" { return true }
            let name = entry.lowercased().drop { $0 == "." }
            let host = endpoint.host.drop { $0 == "[" }.prefix { $0 != "]" }
            return host == name || host.hasSuffix("." + name)
        }
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first?.hexValue,
                let low = rest.dropFirst().first?.hexValue
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A variable names no proxy.
struct ProxyVariableError: Error, Hashable, CustomStringConvertible {
    var name: String

    var description: String {
        "$\(name) names no proxy; set it to http://HOST:PORT, https://HOST:PORT or "
            + "socks5h://HOST:PORT, or write proxy: none"
    }
}
