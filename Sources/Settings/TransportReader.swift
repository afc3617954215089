// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads how requests to a store go out.
struct TransportReader {
    /// The keys of a store that this reads.
    static let keys = ["proxy", "proxy_credentials_file", "timeouts"]

    let section: Section
    let folder: String

    func read() -> Transport {
        var transport = Transport()
        transport.proxy = section.read("proxy", Self.proxy) ?? .none
        transport.proxyCredentialsFile = section.path("proxy_credentials_file", in: folder)
        checkProxy(transport)
        guard let timeouts = section.section("timeouts") else { return transport }
        timeouts.check(known: ["connect", "answer", "stall"])
        transport.connectTimeout = Self.time("connect", in: timeouts, upTo: 3_600)
        transport.answerTimeout = Self.time("answer", in: timeouts, upTo: 86_400)
        transport.stallTimeout = Self.time("stall", in: timeouts, upTo: 3_600)
        return transport
    }

    private static func proxy(_ text: String) throws(ValueProblem) -> ProxyChoice {
        let cure =
            "write \"http://HOST:PORT\", \"https://HOST:PORT\", \"socks5h://HOST:PORT\", none or env"
        switch text {
        case "none": return .none
        case "env": return .environment
        default: break
        }
        guard !text.contains("@") else {
            throw ValueProblem(
                "has a name or a password in it",
                cure: "write them as NAME:PASSWORD into a file of mode 0600, and name that by "
                    + "proxy_credentials_file:"
            )
        }
        if text.lowercased().hasPrefix("socks") && !text.lowercased().hasPrefix("socks5h://") {
            throw ValueProblem(
                "\"\(text)\" is of a kind that is not known here",
                cure: "write \"socks5h://HOST:PORT\", where the proxy looks names up"
            )
        }
        guard let server = ProxyServer(text) else {
            throw ValueProblem("\"\(text)\" is not a proxy", cure: cure)
        }
        return .server(server)
    }

    private func checkProxy(_ transport: Transport) {
        guard section.has("proxy_credentials_file") else { return }
        guard case .server(let server) = transport.proxy else {
            // A proxy that was reported is there all the same.
            if !section.has("proxy") || transport.proxy == .environment {
                section.report(
                    "proxy_credentials_file",
                    "needs a proxy: that it is for",
                    cure: "add proxy: \"http://HOST:PORT\", or remove it"
                )
            }
            return
        }
        guard server.scheme != .https, !server.isLoopback else { return }
        section.findings.warn(
            section.place("proxy_credentials_file"),
            "goes to the proxy in plain text, which anyone on the way can read",
            cure: "write proxy: \"https://…\" if the proxy has TLS"
        )
    }

    private static func time(_ key: String, in section: Section, upTo seconds: Int64) -> Span? {
        section.read(key) { text throws(ValueProblem) in
            let span = try QuantityText.span(text)
            guard span >= .seconds(1), span <= .seconds(seconds) else {
                throw ValueProblem(
                    "\"\(text)\" is out of range",
                    cure: "write 1s to \(seconds / 3_600)h"
                )
            }
            return span
        }
    }
}
