// SPDX-License-Identifier: Apache-2.0

import Jobs
import Settings
import Testing

@Suite("How a store is reached")
struct TransportTests {
    private func folder(_ keys: String, kind: String = "s3, bucket: b") throws -> ConfigFolder {
        let store = "  s: { kind: \(kind), endpoint: \"http://localhost\", \(keys) }\n"
        let config = ConfigFolder.start + ConfigFolder.stores + store + ConfigFolder.sinks
        return try ConfigFolder(config, ["inbox.yaml": ConfigFolder.template])
    }

    private func transport(_ keys: String) throws -> Transport? {
        try folder(keys).load().configuration.stores["s"]?.transport
    }

    @Test("is without a proxy unless it is said")
    func without() throws {
        #expect(try transport("region: a") == Transport())
        #expect(try transport("proxy: none")?.proxy == ProxyChoice.none)
        #expect(try transport("proxy: env")?.proxy == .environment)
    }

    @Test(
        "may be through a proxy",
        arguments: [
            ("http://proxy.example.org:3128", ProxyServer.Scheme.http, "proxy.example.org", 3_128),
            ("https://Proxy:80/", .https, "proxy", 80),
            ("socks5h://[::1]:1080", .socks5h, "[::1]", 1_080),
        ]
    )
    func proxy(text: String, scheme: ProxyServer.Scheme, host: String, port: Int) throws {
        let server = ProxyServer(scheme: scheme, host: host, port: port)
        #expect(try transport("proxy: \"\(text)\"")?.proxy == .server(server))
    }

    @Test("has a patience of its own")
    func patience() throws {
        let read = try transport("timeouts: { connect: 5s, answer: 10m, stall: 1m }")
        #expect(read?.connectTimeout == .seconds(5))
        #expect(read?.answerTimeout == .seconds(600))
        #expect(read?.stallTimeout == .seconds(60))
    }

    @Test(
        "is refused where it stands, with what would be right",
        arguments: [
            (
                "proxy: \"proxy:3128\"",
                "stores.s.proxy: \"proxy:3128\" is not a proxy; write \"http:"
            ),
            ("proxy: \"http://proxy\"", "stores.s.proxy: \"http://proxy\" is not a proxy"),
            ("proxy: \"http://p:1/x\"", "stores.s.proxy: \"http://p:1/x\" is not a proxy"),
            ("proxy: \"socks5://p:1\"", "is of a kind that is not known here; write \"socks5h://"),
            ("proxy_credentials_file: f", "stores.s.proxy_credentials_file: needs a proxy: that"),
            ("proxy: env, proxy_credentials_file: f", "needs a proxy: that it is for"),
            ("timeouts: 5s", "stores.s.timeouts: must be a mapping"),
            ("timeouts: { total: 5s }", "stores.s.timeouts.total: is not a known key"),
            (
                "timeouts: { connect: 0 }",
                "stores.s.timeouts.connect: \"0\" is out of range; write 1s"
            ),
            ("timeouts: { stall: 2h }", "\"2h\" is out of range; write 1s to 1h"),
        ]
    )
    func refused(keys: String, expected: String) throws {
        let found = try folder(keys).problems()
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix("config.yaml:4: ") == true)
        #expect(found.first?.contains(expected) == true, "\(found)")
    }

    @Test("keeps a password out of the file, and out of what is said of it")
    func password() throws {
        let found = try folder("proxy: \"http://me:HUSH@p:3128\"").problems()
        #expect(
            found.first?.contains("has a name or a password in it; write them as NAME:P") == true
        )
        #expect(found.first?.contains("HUSH") == false)
        let file = "proxy: \"http://p:3128\", proxy_credentials_file: ./proxy"
        let loaded = try folder(file).load()
        let path = loaded.configuration.stores["s"]?.transport.proxyCredentialsFile
        #expect(path?.hasSuffix("/proxy") == true)
        #expect(loaded.warnings.first?.contains("goes to the proxy in plain text") == true)
        let inside = "proxy: \"http://localhost:1\", proxy_credentials_file: ./inbox/proxy"
        #expect(
            try folder(inside).problems().first?.contains("lies in this watched folder") == true
        )
    }

    @Test("is for stores beyond this machine")
    func local() throws {
        let found = try problems(stores: "l: { kind: local, folder: ./o, listen: 1, proxy: none }")
        #expect(found.first?.contains("stores.l.proxy: is not a known key") == true)
    }

    @Test(
        "is the same for every kind",
        arguments: ["gcs, bucket: b", "azure, account: abc, container: c"]
    )
    func kinds(kind: String) throws {
        let keys = "credentials: { systemd: x }, proxy: env, timeouts: { stall: 5s }"
        #expect(try folder(keys, kind: kind).problems() == [])
    }
}

@Suite("A limit on what is sent")
struct BandwidthTests {
    private func limit(_ text: String) throws -> BandwidthLimit {
        let config = ConfigFolder.config + "limits: { bwlimit: \"\(text)\" }\n"
        return try ConfigFolder(config, ["inbox.yaml": ConfigFolder.template]).load()
            .configuration.limits.bandwidth
    }

    @Test("is one rate, or none")
    func single() throws {
        #expect(try limit("10MiB") == BandwidthLimit(rate: 10 << 20))
        #expect(try limit("off") == .none)
        #expect(try limit("0") == .none)
        #expect(try limit("10MiB").rate(atMinute: 5_000) == 10 << 20)
        #expect(try !limit("10MiB").changes)
    }

    @Test(
        "is by the time of the day and of the week",
        arguments: [
            (0, nil), (8 * 60 - 1, nil), (8 * 60, 512 << 10), (12 * 60, 10 << 20), (18 * 60, nil),
            (5 * 1_440 + 7 * 60, nil), (5 * 1_440 + 8 * 60, 1 << 20),
            (5 * 1_440 + 12 * 60, 10 << 20),
        ] as [(Int, Int64?)]
    )
    func timetable(minute: Int, rate: Int64?) throws {
        let limit = try limit("08:00,512KiB 12:00,10MiB 18:00,off Sat-08:00,1MiB")
        #expect(limit.changes)
        #expect(limit.rate(atMinute: minute) == rate)
    }

    @Test("goes on from the week before")
    func wraps() throws {
        let limit = try limit("Mon-09:00,1MiB Sun-20:00,2MiB")
        #expect(limit.rate(atMinute: 0) == 2 << 20)
        #expect(limit.rate(atMinute: 9 * 60) == 1 << 20)
    }

    @Test(
        "is refused with the form that is right",
        arguments: [
            ("fast", "\"fast\" is not a rate; write a rate such as 10MiB, off, or a timetable"),
            ("512", "is 512 bytes a second, which no upload survives; write the unit too, such"),
            ("08:00", "\"08:00\" is not a rate"), ("8:00,1MiB", "\"8:00\" is not a time; write"),
            ("24:00,1MiB", "is not a time"), ("Foo-08:00,1MiB", "\"Foo-08:00\" is not a time"),
            ("08:00,1MiB 09:00", "\"09:00\" is not a time with its rate"), (" ", "is empty"),
            ("08:00,1MiB:2MiB", "\"1MiB:2MiB\" is not a rate"),
        ]
    )
    func refused(text: String, expected: String) throws {
        let found = try problems(ConfigFolder.config + "limits: { bwlimit: \"\(text)\" }\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("config.yaml:6: limits.bwlimit: ") == true, "\(found)")
        #expect(found.first?.contains(expected) == true, "\(found)")
    }
}
