// SPDX-License-Identifier: Apache-2.0

/// Where a store answers: scheme, host, port and base path of its URLs.
public struct Endpoint: Hashable, Sendable, Codable {
    /// Whether the URLs are `https`.
    public var isSecure: Bool
    /// The host in lower case; an IPv6 address in brackets.
    public var host: String
    /// The port, unless it is the default one of the scheme.
    public var port: Int?
    /// The path in front of every bucket, as it stands in URLs: `/s3`, or empty; no slash at its end.
    public var basePath: String

    /// Makes an endpoint from its parts; a port that is the scheme's default is dropped.
    public init(isSecure: Bool, host: String, port: Int? = nil, basePath: String = "") {
        self.isSecure = isSecure
        self.host = host.lowercased()
        self.port = port == (isSecure ? 443 : 80) ? nil : port
        self.basePath = basePath
    }

    /// Reads `http(s)://host[:port][/base/path]`; no query, fragment or user information.
    ///
    /// - Throws: `EndpointError`, which says what is wrong with the text.
    public init(_ text: String) throws(EndpointError) {
        let secure: Bool
        let rest: Substring
        if text.lowercased().hasPrefix("https://") {
            secure = true
            rest = text.dropFirst(8)
        } else if text.lowercased().hasPrefix("http://") {
            secure = false
            rest = text.dropFirst(7)
        } else {
            throw EndpointError(text: text, problem: "must begin with http:// or https://")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw EndpointError(text: text, problem: "must be printable ASCII without spaces")
        }
        for (character, name) in [("?", "a query"), ("#", "a fragment"), ("@", "a user name")]
        where rest.contains(character) {
            throw EndpointError(text: text, problem: "must not have \(name)")
        }
        let authority = rest.prefix { $0 != "/" }
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path.removeLast() }
        let (host, port) = try Self.split(authority, of: text)
        self.init(isSecure: secure, host: host, port: port, basePath: String(path))
    }

    private static func split(
        _ authority: Substring,
        of text: String
    ) throws(EndpointError) -> (String, Int?) {
        var host = authority
        var port: Int?
        let bracket = authority.lastIndex(of: "]")
        let searched = bracket.map { authority[$0...] } ?? authority
        if let colon = searched.lastIndex(of: ":") {
            let digits = authority[authority.index(after: colon)...]
            guard let number = Int(digits), (1...65_535).contains(number),
                digits.allSatisfy(\.isNumber)
            else { throw EndpointError(text: text, problem: "has a port that is no number") }
            port = number
            host = authority[..<colon]
        }
        guard !host.isEmpty, host != "[]" else {
            throw EndpointError(text: text, problem: "has no host")
        }
        let isBracketed = host.first == "[" && host.last == "]"
        guard isBracketed || !host.contains(where: { "[]:".contains($0) }) else {
            throw EndpointError(text: text, problem: "has a host that is no name or address")
        }
        return (String(host), port)
    }

    /// `host[:port]` as in a `Host` header, with a bucket in front if one is given.
    public func authority(bucket: String? = nil) -> String {
        let name = bucket.map { "\($0).\(host)" } ?? host
        return port.map { "\(name):\($0)" } ?? name
    }

    /// Whether the host is an address of this machine (`localhost`, 127.0.0.0/8, `::1`).
    public var isLoopback: Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]"
            || (isIPAddress && host.hasPrefix("127."))
    }

    /// Whether the host is an IP address, which can have no bucket in front of it.
    public var isIPAddress: Bool {
        if host.hasPrefix("[") { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                !part.isEmpty && part.allSatisfy(\.isNumber) && (Int(part) ?? 256) < 256
            }
    }
}

extension Endpoint: CustomStringConvertible {
    /// The text that makes this endpoint.
    public var description: String {
        "\(isSecure ? "https" : "http")://\(authority())\(basePath)"
    }
}

/// A text that is no endpoint.
public struct EndpointError: Error, Hashable, CustomStringConvertible {
    /// The text as it was given.
    public var text: String
    /// What is wrong with it, as the end of a sentence.
    public var problem: String

    /// The whole sentence, with the form that is wanted; a text with a password is not shown.
    public var description: String {
        let shown = text.contains("@") ? "(not shown)" : "\"\(text)\""
        return "endpoint \(shown) \(problem); write it as http(s)://host[:port][/base/path]"
    }
}

/// Where the bucket stands in a URL.
public enum AddressingStyle: String, Hashable, Sendable, Codable {
    /// First part of the path: `https://host/bucket/key`.
    case path
    /// In front of the host: `https://bucket.host/key`.
    case virtual
    /// The host stands for the bucket: `https://files.example.com/key`.
    case cname
}
