// SPDX-License-Identifier: Apache-2.0

import HTTP
import Jobs
import Testing

@testable import Daemon

@Suite("The proxy that the environment names")
struct ProxyVariablesTests {
    private func proxy(_ environment: [String: String], to url: String) throws -> String? {
        try ProxyVariables(environment).proxy(to: Endpoint(url)).map { "\($0)" }
    }

    @Test("is the one of the scheme, else the one of all")
    func schemes() throws {
        let environment = [
            "http_proxy": "http://plain:1", "HTTPS_PROXY": "http://tls:2",
            "ALL_PROXY": "socks5h://all:3",
        ]
        #expect(try proxy(environment, to: "http://s3.lan") == "http://plain:1")
        #expect(try proxy(environment, to: "https://s3.lan") == "http://tls:2")
        #expect(try proxy(["all_proxy": "all:3"], to: "https://s3.lan") == "http://all:3")
        #expect(try proxy([:], to: "https://s3.lan") == nil)
        #expect(try proxy(["https_proxy": ""], to: "https://s3.lan") == nil)
    }

    @Test("is not what a client may have sent to a web server (httpoxy)")
    func httpoxy() throws {
        #expect(try proxy(["HTTP_PROXY": "http://evil:1"], to: "http://s3.lan") == nil)
    }

    @Test(
        "is left out for what no_proxy names",
        arguments: [
            ("*", true), ("s3.lan", true), (".lan", true), ("lan", true), ("a,b, LAN", true),
            ("3.lan", false), ("s3.lan.org", false), ("", false),
        ]
    )
    func exceptions(list: String, isExcepted: Bool) throws {
        let environment = ["https_proxy": "http://p:1", "no_proxy": list]
        #expect(try (proxy(environment, to: "https://s3.lan") == nil) == isExcepted)
    }

    @Test("may have a name and a password, which are never shown")
    func password() throws {
        let environment = ["https_proxy": "http://me:a%40b:c@p:1"]
        let proxy = try ProxyVariables(environment).proxy(to: Endpoint("https://s3.lan"))
        #expect(proxy?.user == "me" && proxy?.password == "a@b:c")
        #expect("\(String(describing: proxy))" == "Optional(http://p:1)")
        let wrong = ProxyVariables(["https_proxy": "ftp://me:HUSH@p:1"])
        #expect(
            throws: ProxyVariableError(name: "https_proxy")
        ) { try wrong.proxy(to: Endpoint("https://s3.lan")) }
    }
}

@Suite("The way to a store")
struct StoreRoutesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func routes(
        _ transport: Transport,
        environment: [String: String] = [:]
    ) throws -> StoreRoutes {
        let settings = StoreSettings(
            name: "media",
            kind: .s3(
                S3Settings(
                    bucket: "b",
                    region: "us-east-1",
                    endpoint: Endpoint(isSecure: true, host: "in.lan"),
                    publicEndpoint: Endpoint(isSecure: true, host: "out.org"),
                    style: .path
                )
            ),
            transport: transport
        )
        let access = StoreAccess(settings, state: folder.path, environment: environment)
        return try StoreRoutes(settings, access, environment: environment)
    }

    @Test("is straight, whatever the environment says, unless the store says so")
    func straight() throws {
        let environment = ["https_proxy": "http://p:1", "all_proxy": "http://p:1"]
        #expect(try routes(Transport(), environment: environment).uploads == HTTPRoute())
    }

    @Test("is found for each side where the environment counts")
    func sides() throws {
        let environment = ["https_proxy": "http://p:1", "no_proxy": ".lan"]
        let found = try routes(Transport(proxy: .environment), environment: environment)
        #expect(found.uploads.proxy == nil)
        #expect(found.links.proxy == HTTPProxy(scheme: .http, host: "p", port: 1))
    }

    @Test("has the store's patience, and the proxy's name and password from their file")
    func file() throws {
        try folder.writeSecret("me:a:b\n", to: "proxy")
        let transport = Transport(
            proxy: .server(ProxyServer(scheme: .socks5h, host: "p", port: 1_080)),
            proxyCredentialsFile: folder["proxy"],
            connectTimeout: .seconds(5),
            answerTimeout: .seconds(600),
            stallTimeout: .seconds(60)
        )
        let wanted = HTTPRoute(
            proxy: HTTPProxy(
                scheme: .socks5h,
                host: "p",
                port: 1_080,
                user: "me",
                password: "a:b"
            ),
            connectTimeout: .seconds(5),
            answerTimeout: .seconds(600),
            stallTime: .seconds(60)
        )
        let found = try routes(transport)
        #expect(found.uploads == wanted && found.links == wanted)
    }

    @Test("is refused with the cure when that file is none", arguments: [nil, "HUSH", ":HUSH"])
    func badFile(content: String?) throws {
        if let content { try folder.writeSecret(content, to: "proxy") }
        let transport = Transport(
            proxy: .server(ProxyServer(scheme: .http, host: "p", port: 1)),
            proxyCredentialsFile: folder["proxy"]
        )
        do {
            _ = try routes(transport)
            Issue.record("it was taken")
        } catch let error as StoreRouteError {
            #expect(error.description.hasPrefix("store media: proxy_credentials_file: "))
            #expect(error.description.contains(folder["proxy"]))
            #expect(!error.description.contains("HUSH"))
        }
    }
}
