// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import HTTP

@Suite("Which addresses a request may connect to")
struct AddressRuleTests {
    @Test(
        "is told by the network an address is in",
        arguments: [
            (
                AddressKind.onInternet,
                [
                    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255",
                    "100.128.0.0", "126.255.255.255", "128.0.0.1", "169.253.255.255", "169.255.0.0",
                    "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0",
                    "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111",
                    "2001:4860:4860::8888", "2001:200::1", "2400:cb00::1", "2a00::1", "3ffe::1",
                    "64:ff9b::8.8.8.8", "2003::1",
                ]
            ),
            (
                .inPrivate,
                [
                    "127.0.0.1", "127.255.255.255", "10.0.0.0", "10.255.255.255", "172.16.0.0",
                    "172.31.255.255", "192.168.0.0", "192.168.255.255", "100.64.0.0",
                    "100.127.255.255", "::1", "fc00::1", "fdff:ffff::1", "fd00:ec2::254",
                ]
            ),
            (
                .special,
                [
                    "0.0.0.0", "0.1.2.3", "169.254.0.0", "169.254.169.254", "192.0.0.1",
                    "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255",
                    "198.51.100.1", "203.0.113.255", "224.0.0.1", "239.255.255.255", "240.0.0.1",
                    "255.255.255.255", "168.63.129.16", "::", "::2", "::127.0.0.1",
                    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:10.0.0.1", "64:ff9b::10.0.0.1",
                    "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "100::1",
                    "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1",
                    "2001:db8::1", "2002:7f00:1::", "2002:a00:1::", "3fff:fff::1", "4000::1",
                    "5f00::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
                ]
            ),
        ]
    )
    func kinds(kind: AddressKind, addresses: [String]) {
        for address in addresses { #expect(AddressKind(text: address) == kind, "\(address)") }
    }

    @Test("allows by its word, and what has no kind by the widest alone")
    func rules() {
        for (rule, allowed) in [
            (.publicOnly, [.onInternet]), (.privateOnly, [.inPrivate]),
            (.publicOrPrivate, [.onInternet, .inPrivate]),
            (.any, [.onInternet, .inPrivate, .special, nil]),
        ] as [(AddressRule, [AddressKind?])] {
            for kind in [.onInternet, .inPrivate, .special, nil] as [AddressKind?] {
                #expect(rule.allows(kind) == allowed.contains(kind))
            }
        }
        #expect(AddressKind([1, 2, 3]) == nil && AddressKind(text: "localhost") == nil)
    }

    /// 127.0.0.1 and other addresses near by, as hostile URLs spell them.
    private static let spellings = [
        "127.0.0.1", "127.0.0.1.", "2130706433", "017700000001", "0x7f000001", "0X7F000001",
        "0x7F.0.0.1", "0177.0.0.1", "127.1", "127.0.1", "127.0.0.01", "0x7f.1", "00000177.0.0.1",
        "127.000.000.001", "127.0.0.0x1", "0x7f.0x0.0x0.0x1", "127.255.255.254", "127.127.127.127",
        "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "0", "0.0.0.0", "00", "0x0", "0.0", "localhost",
        "LOCALHOST", "localhost.", "LocalHost.", "[::1]", "[0:0:0:0:0:0:0:1]",
        "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::0001]", "[::]", "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]", "[::FFFF:7F00:0001]", "[::127.0.0.1]", "[::7f00:1]",
        "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25lo]",
        "[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd00::1]", "[ff02::1]", "10.0.0.1", "10.1",
        "0xa000001", "012.0.0.1", "172.16.0.1", "0xac100001", "192.168.1.1", "192.168.257",
        "3232235777", "169.254.169.254", "2852039166", "0xa9fe.0xa9fe", "0251.0376.0251.0376",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "localhost%2e",
        "127.0.0.1%00.example.org", "user@127.0.0.1", "example.org@127.0.0.1",
        "example.org%40127.0.0.1", "127.0.0.1\\.example.org", "example.org\\@127.0.0.1",
        "127\u{3002}0\u{3002}0\u{3002}1", "\u{2460}\u{2461}7.0.0.1",
    ]

    @Test("is not fooled by a spelling: no connection is made to what is not public")
    func spellings() async throws {
        #expect(Self.spellings.count >= 60)
        let options = HTTPOptions(connectTimeout: .seconds(5))
        try await withServer(options: options, script: acceptAll) { client, server in
            for host in Self.spellings {
                for scheme in ["http", "https"] {
                    let url = "\(scheme)://\(host):\(server.port)/hook"
                    var request = HTTPRequest(method: "POST", url: Array(url.utf8))
                    request.addresses = .publicOnly
                    let error = try await failure(of: request, on: client)
                    switch error {
                    case .forbiddenAddress, .invalidRequest, .resolve: break
                    default: Issue.record("\(host): \(error)")
                    }
                }
            }
            #expect(server.connections == 0)
            // The server is there.
            _ = try await client.send(HTTPRequest(method: "POST", url: server.url("/hook")))
            #expect(server.connections == 1)
        }
    }

    @Test("holds for a kept connection too, which a request without a rule has made")
    func keptConnection() async throws {
        try await withServer(options: patient, script: acceptAll) { client, server in
            _ = try await client.send(HTTPRequest(method: "GET", url: server.url("/a")))
            var request = HTTPRequest(method: "GET", url: server.url("/b"))
            request.addresses = .publicOnly
            guard case .forbiddenAddress = try await failure(of: request, on: client) else {
                Issue.record("another error")
                return
            }
            #expect(server.requests.count == 1)
            for rule in [AddressRule.privateOnly, .publicOrPrivate, .any] {
                request.addresses = rule
                #expect(try await client.send(request).status == 200)
            }
        }
    }

    @Test("holds for the names of this machine, whatever they lead to")
    func ownName() async throws {
        var name = [CChar](repeating: 0, count: 256)
        try #require(unsafe gethostname(&name, 255) == 0)
        let host = String(
            decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
        try await withServer(script: acceptAll) { client, server in
            for host in [host, "ip6-localhost", "localhost.localdomain", "a.localhost"] {
                let url = Array("http://\(host):\(server.port)/".utf8)
                var request = HTTPRequest(method: "GET", url: url)
                request.addresses = .publicOnly
                switch try await failure(of: request, on: client) {
                case .forbiddenAddress, .resolve, .invalidRequest: break
                case let error: Issue.record("\(host): \(error)")
                }
            }
            #expect(server.connections == 0)
        }
    }
}
