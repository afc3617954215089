// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTP
import Testing

@Suite("A request through a proxy", .timeLimit(.minutes(3)))
struct ProxyTests {
    private func withProxy(
        credentials: String? = nil,
        origin: @escaping LoopbackServer.Script = acceptAll,
        _ test: (HTTPClient, _ proxy: LoopbackServer, _ origin: LoopbackServer) async throws -> Void
    ) async throws {
        let proxy = try LoopbackServer(proxy(credentials: credentials))
        defer { proxy.stop() }
        try await withServer(options: patient, script: origin) { client, origin in
            try await test(client, proxy, origin)
        }
    }

    private func route(
        _ server: LoopbackServer,
        user: String? = nil,
        password: String? = nil
    ) -> HTTPRoute {
        HTTPRoute(
            proxy: HTTPProxy(
                scheme: .http,
                host: "127.0.0.1",
                port: Int(server.port),
                user: user,
                password: password
            )
        )
    }

    @Test("in plain HTTP asks for the whole URL, signed part and all, as it stands")
    func absolute() async throws {
        try await withProxy { client, proxy, origin in
            let target = "/b/%7Ea//../k%2Fx?X-Amz-Signature=ab%2Bc&x=%20"
            let request = HTTPRequest(
                method: "PUT",
                url: origin.url(target),
                headers: [("x-amz-meta-a", "b")],
                body: .bytes([1, 2, 3])
            )
            let response = try await client.routed(route(proxy)).send(request)
            #expect(response.status == 200)
            let front = "PUT http://127.0.0.1:\(origin.port)"
            #expect(proxy.requests.first?.lines.first == "\(front)\(target) HTTP/1.1")
            #expect(origin.requests.first?.lines.first == "PUT \(target) HTTP/1.1")
            #expect(origin.requests.first?.header("host") == "127.0.0.1:\(origin.port)")
            #expect(origin.requests.first?.header("x-amz-meta-a") == "b")
        }
    }

    @Test("of a URL without a path asks for its root")
    func root() async throws {
        try await withProxy { client, proxy, origin in
            let request = HTTPRequest(method: "GET", url: origin.url("?a=b"))
            let response = try await client.routed(route(proxy)).send(request)
            #expect(response.status == 200)
            #expect(origin.requests.first?.lines.first == "GET /?a=b HTTP/1.1")
        }
    }

    @Test("over TLS is tunnelled, and shows the proxy the host and no header")
    func tunnel() async throws {
        // The origin speaks no TLS, so the handshake fails behind the tunnel; what counts is the way.
        let proxy = try LoopbackServer(proxy())
        let origin = try LoopbackServer(greeting: "SSH-2.0-x\r\n") { _, _ in false }
        let client = HTTPClient()
        let request = HTTPRequest(
            method: "PUT",
            url: Array("https://127.0.0.1:\(origin.port)/k?X-Amz-Signature=abc".utf8),
            headers: [("x-amz-meta-a", "b")],
            body: .bytes([1])
        )
        let error = try await failure(of: request, on: client.routed(route(proxy)))
        guard case .tls = error else {
            Issue.record("unexpected: \(error)")
            return
        }
        let asked = proxy.requests.first?.lines ?? []
        #expect(asked.first == "CONNECT 127.0.0.1:\(origin.port) HTTP/1.1")
        #expect(!asked.contains { $0.contains("Signature") || $0.contains("x-amz") })
        await client.shutdown()
        proxy.stop()
        origin.stop()
    }

    @Test("tells its name and password where it has them, in either form")
    func credentials() async throws {
        // "me:s3cret", RFC 7617.
        try await withProxy(credentials: "Basic bWU6czNjcmV0") { client, proxy, origin in
            let request = HTTPRequest(method: "GET", url: origin.url("/a"))
            let good = route(proxy, user: "me", password: "s3cret")
            let response = try await client.routed(good).send(request)
            #expect(response.status == 200)
            #expect(
                origin.requests.first?.header("proxy-authorization") != nil,
                "our proxy keeps it"
            )
            let shown = "\(good) \(String(reflecting: good))"
            #expect(!shown.contains("s3cret") && shown.contains("http://127.0.0.1"))
        }
    }

    @Test("that it does not let through says so, and who", arguments: ["http", "https"])
    func refused(scheme: String) async throws {
        try await withProxy(credentials: "Basic x") { client, proxy, origin in
            let url = Array("\(scheme)://127.0.0.1:\(origin.port)/a?X-Amz-Signature=abc".utf8)
            let error = try await failure(
                of: HTTPRequest(method: "GET", url: url),
                on: client.routed(route(proxy))
            )
            #expect(
                "\(error)"
                    == "no connection to 127.0.0.1:\(origin.port): the proxy "
                    + "http://127.0.0.1:\(proxy.port) answered 407; it wants a name and a password, "
                    + "or others; check that the server runs and can be reached"
            )
            #expect(origin.requests.isEmpty)
        }
    }

    @Test("leaves other requests of the same client alone")
    func others() async throws {
        try await withProxy { client, proxy, origin in
            let request = HTTPRequest(method: "GET", url: origin.url("/a"))
            let routed = client.routed(route(proxy))
            for _ in 0..<3 {
                for client in [routed, client] {
                    let response = try await client.send(request)
                    #expect(response.status == 200)
                }
            }
            #expect(origin.requests.count == 6)
            #expect(proxy.requests.allSatisfy { $0.lines[0].hasPrefix("GET http://") })
            #expect(origin.requests.allSatisfy { $0.lines[0] == "GET /a HTTP/1.1" })
        }
    }
}

@Suite("The patience of a route", .timeLimit(.minutes(3)))
struct PatienceTests {
    @Test("is its own for the answer and for a stall")
    func own() async throws {
        let script: LoopbackServer.Script = { _, connection in
            connection.waitForEnd()
            return false
        }
        try await withServer(options: HTTPOptions(expectFrom: nil), script: script) {
            client,
            server in
            let short = client.routed(
                HTTPRoute(answerTimeout: .milliseconds(50), stallTime: .milliseconds(100))
            )
            let get = HTTPRequest(method: "GET", url: server.url("/a"))
            guard case .timeout(_, .milliseconds(50)) = try await failure(of: get, on: short) else {
                Issue.record("not the answer's limit")
                return
            }
            let put = HTTPRequest(
                method: "PUT",
                url: server.url("/a"),
                body: .stream(CountingSource(1 << 30))
            )
            guard case .stalled(_, .milliseconds(100)) = try await failure(of: put, on: short)
            else {
                Issue.record("not the stall's limit")
                return
            }
        }
    }

    @Test("lets a store take its time over the answer, far longer than a stall may take")
    func slowStore() async throws {
        let script: LoopbackServer.Script = { request, connection in
            _ = connection.take(request.length) { _ in }
            // The client goes on looking meanwhile; a second is ten times what a stall may take.
            var nobody = pollfd(fd: -1, events: 0, revents: 0)
            _ = unsafe poll(&nobody, 1, 1_000)
            return connection.answer("200 OK")
        }
        let options = HTTPOptions(stallTime: .milliseconds(100), expectFrom: nil)
        try await withServer(options: options, script: script) { client, server in
            let put = HTTPRequest(
                method: "PUT",
                url: server.url("/a"),
                body: .stream(CountingSource(2 << 20))
            )
            let response = try await client.send(put)
            #expect(response.status == 200)
        }
    }
}
