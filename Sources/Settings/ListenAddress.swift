// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Where an embedded store listens.
struct ListenAddress: Hashable {
    /// A name or an address, without brackets.
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, `[IPv6]:port`, or a port on 127.0.0.1.
    init(_ text: String) throws(ValueProblem) {
        let wrong = ValueProblem(
            "\"\(text)\" is not an address to listen on",
            cure: "write \"127.0.0.1:9400\", \"[::1]:9400\" or a port alone"
        )
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { throw wrong }
        let colon = text.lastIndex(of: ":")
        let digits = colon.map { text[text.index(after: $0)...] } ?? text[...]
        guard let port = Int(digits), digits.allSatisfy(\.isNumber) else { throw wrong }
        guard (1...65_535).contains(port) else {
            throw ValueProblem(
                "has the port \(port), which cannot stand in a link",
                cure: "write a port from 1 to 65535"
            )
        }
        self.port = port
        guard let colon else {
            host = "127.0.0.1"
            return
        }
        let name = text[..<colon]
        if name.hasPrefix("["), name.hasSuffix("]") {
            host = String(name.dropFirst().dropLast())
            guard host.contains(":") else { throw wrong }
        } else {
            guard !name.isEmpty, !name.contains(where: { "[]:/@*".contains($0) }) else {
                throw wrong
            }
            host = name.lowercased()
        }
    }

    /// Whether only this machine can reach it.
    var isLoopback: Bool {
        host == "::1"
            || Endpoint(isSecure: false, host: host.contains(":") ? "[\(host)]" : host).isLoopback
    }

    /// Whether it is every address of this machine.
    private var isAny: Bool { host == "0.0.0.0" || host == "::" }

    /// Whether two stores cannot listen on both.
    func clashes(with other: ListenAddress) -> Bool {
        port == other.port && (host == other.host || isAny || other.isAny)
    }
}
