// SPDX-License-Identifier: Apache-2.0

/// Where a request goes: the front of its URL, which is all that its connection depends on.
struct RequestTarget: Equatable {
    /// Whether the URL is `https`.
    let isSecure: Bool
    /// The URL up to its path: `https://host:port`.
    let origin: ArraySlice<UInt8>
    /// The URL from its path on, which goes into the request as it stands; may be empty or begin
    /// with `?`.
    let path: ArraySlice<UInt8>
    /// What connections are counted by: `host:port` or the path of a Unix socket.
    let peer: [UInt8]

    /// Reads the authority out of a URL, and refuses what libcurl would silently change.
    ///
    /// - Throws: `HTTPError.invalidRequest` for a URL that is not `http` or `https`, has a user
    ///   name or a fragment, or bytes that must not stand in a URL.
    init(url: [UInt8], unixSocket: String?) throws(HTTPError) {
        isSecure = url.starts(with: "https://".utf8)
        guard isSecure || url.starts(with: "http://".utf8) else {
            throw .invalidRequest(reason: "the URL must begin with http:// or https://")
        }
        guard url.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }) else {
            throw .invalidRequest(reason: "the URL has a byte that must be percent-encoded")
        }
        let authority = url.dropFirst(isSecure ? 8 : 7).prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?")
        }
        origin = url[..<authority.endIndex]
        path = url[authority.endIndex...]
        guard !authority.isEmpty, !authority.contains(UInt8(ascii: "@")) else {
            throw .invalidRequest(reason: "the URL must name a host and no user")
        }
        if let unixSocket {
            peer = Array(unixSocket.utf8)
        } else if Self.hasPort(authority) {
            peer = Array(authority)
        } else {
            peer = Array(authority) + (isSecure ? ":443" : ":80").utf8
        }
    }

    /// The peer as text for errors.
    var text: String { String(decoding: peer, as: UTF8.self) }

    private static func hasPort(_ authority: ArraySlice<UInt8>) -> Bool {
        // An IPv6 address has colons of its own, inside brackets.
        let tail = authority.lastIndex(of: UInt8(ascii: "]")) ?? authority.startIndex
        return authority[tail...].contains(UInt8(ascii: ":"))
    }
}
