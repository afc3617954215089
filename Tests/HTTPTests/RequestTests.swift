// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTP
import Testing

@Suite("A request")
struct RequestTests {
    @Test("is sent exactly: the path as it stands and no header of its own but the length")
    func exactHeaders() async throws {
        try await withServer(script: acceptAll) { client, server in
            let response = try await client.send(
                HTTPRequest(
                    method: "PUT",
                    url: server.url("/b/a/../%2e/x//y?X-Amz-Signature=ab%2Fc"),
                    headers: [("x-amz-meta-a", "one two"), ("Content-Type", "text/plain")],
                    body: .bytes(Array("hello".utf8))
                )
            )
            #expect(response.status == 200)
            #expect(
                server.requests.first?.lines.sorted() == [
                    "Content-Length: 5",
                    "Content-Type: text/plain",
                    "Host: 127.0.0.1:\(server.port)",
                    "PUT /b/a/../%2e/x//y?X-Amz-Signature=ab%2Fc HTTP/1.1",
                    "User-Agent: presignd",
                    "x-amz-meta-a: one two",
                ]
            )
        }
    }

    @Test(
        "asks for the path of its URL, or for / where there is none",
        arguments: [("", "/"), ("/", "/"), ("?a=b", "/?a=b"), ("/a?b=c", "/a?b=c"), ("//", "//")]
    )
    func target(path: String, asked: String) async throws {
        try await withServer(script: acceptAll) { client, server in
            _ = try await client.send(HTTPRequest(method: "GET", url: server.url(path)))
            #expect(server.requests.first?.lines.first == "GET \(asked) HTTP/1.1")
        }
    }

    @Test("goes where its URL says, wherever the one before went")
    func hosts() async throws {
        try await withServer(script: acceptAll) { client, first in
            try await withServer(script: acceptAll) { _, second in
                for server in [first, second, first] {
                    _ = try await client.send(HTTPRequest(method: "GET", url: server.url("/a")))
                }
                #expect(first.requests.count == 2)
                #expect(second.requests.count == 1)
            }
        }
    }

    @Test("that gets sends Host and User-Agent alone")
    func plainGet() async throws {
        let script: LoopbackServer.Script = { _, connection in
            connection.answer("200 OK", headers: ["ETag:  \"abc\" ", "X-Two: 1"], body: "content")
        }
        try await withServer(script: script) { client, server in
            let response = try await client.send(
                HTTPRequest(
                    method: "GET",
                    url: server.url("/a"),
                    headers: [("User-Agent", "mine"), ("X-Empty", "")]
                )
            )
            #expect(String(decoding: response.body, as: UTF8.self) == "content")
            #expect(response.headers["etag"] == "\"abc\"")
            #expect(response.headers["x-two"] == "1")
            #expect(response.headers["x-three"] == nil)
            #expect(
                server.requests.first?.lines.sorted() == [
                    "GET /a HTTP/1.1", "Host: 127.0.0.1:\(server.port)", "User-Agent: mine",
                    "X-Empty:",
                ]
            )
        }
    }

    @Test("with an empty body says Content-Length: 0 and is not chunked", arguments: [0, 1, 2])
    func emptyPut(form: Int) async throws {
        let body = [HTTPBody.none, .bytes([]), .stream(CountingSource(0))][form]
        try await withServer(script: acceptAll) { client, server in
            let request = HTTPRequest(method: "PUT", url: server.url("/a"), body: body)
            let response = try await client.send(request)
            #expect(response.status == 200)
            #expect(server.requests.first?.header("content-length") == "0")
            #expect(server.requests.first?.header("transfer-encoding") == nil)
            #expect(server.requests.first?.header("content-type") == nil)
        }
    }

    @Test("of any size arrives whole", arguments: [1, 65_535, 65_536, 1_000_000, 9_000_000])
    func bodies(size: Int) async throws {
        var bytes = Array(UInt8(0)..<251)
        while bytes.count < size { bytes += bytes }
        bytes.removeLast(bytes.count - size)
        let wanted = bytes
        let script: LoopbackServer.Script = { request, connection in
            if request.header("expect") != nil {
                connection.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            }
            let isSame = connection.read(request.length) == wanted
            return connection.answer(isSame ? "200 OK" : "400 Bad Request")
        }
        try await withServer(script: script) { client, server in
            let request = HTTPRequest(method: "PUT", url: server.url("/a"), body: .bytes(wanted))
            let response = try await client.send(request)
            #expect(response.status == 200)
            #expect(server.requests.first?.header("content-length") == "\(size)")
        }
    }

    @Test("asks for consent only from 1 MiB")
    func expect() async throws {
        let script: LoopbackServer.Script = { request, connection in
            if request.header("expect") != nil {
                connection.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            }
            _ = connection.take(request.length) { _ in }
            return connection.answer("200 OK")
        }
        try await withServer(script: script) { client, server in
            for size in [Int64(1 << 20) - 1, 1 << 20] {
                _ = try await client.send(
                    HTTPRequest(
                        method: "PUT",
                        url: server.url("/a"),
                        body: .stream(CountingSource(size))
                    )
                )
            }
            #expect(server.requests.map { $0.header("expect") } == [nil, "100-continue"])
        }
    }

    @Test("with HEAD takes the length from the headers and waits for no body")
    func head() async throws {
        let script: LoopbackServer.Script = { request, connection in
            request.lines[0].hasPrefix("HEAD")
                ? connection.write(Array("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n".utf8))
                : connection.answer("200 OK", body: "content")
        }
        try await withServer(options: patient, script: script) { client, server in
            for _ in 0..<2 {
                let response = try await client.send(
                    HTTPRequest(method: "HEAD", url: server.url("/a"))
                )
                #expect(response.headers["content-length"] == "12345")
                #expect(response.body.isEmpty)
            }
            let request = HTTPRequest(method: "GET", url: server.url("/a"))
            let response = try await client.send(request)
            #expect(response.body.count == 7)
            #expect(server.connections == 1)
            #expect(
                server.requests.map { $0.lines[0] }
                    == ["HEAD /a HTTP/1.1", "HEAD /a HTTP/1.1", "GET /a HTTP/1.1"]
            )
        }
    }

    @Test("may use any method, with and without a body", arguments: ["DELETE", "POST", "PATCH"])
    func methods(method: String) async throws {
        try await withServer(script: acceptAll) { client, server in
            for body in [HTTPBody.none, .bytes([1]), .stream(CountingSource(70_000))] {
                let request = HTTPRequest(method: method, url: server.url("/a"), body: body)
                let response = try await client.send(request)
                #expect(response.status == 200)
            }
            #expect(server.requests.allSatisfy { $0.lines[0] == "\(method) /a HTTP/1.1" })
            #expect(server.requests.map(\.length) == [0, 1, 70_000])
        }
    }

    @Test("goes over a Unix socket")
    func unixSocket() async throws {
        let path = "/tmp/presignd-http-\(UInt64.random(in: 0 ... .max)).sock"
        let server = try LoopbackServer(unixSocket: path) { request, connection in
            connection.answer("200 OK", body: request.lines[0])
        }
        defer {
            server.stop()
            unsafe unlink(path)
        }
        let client = HTTPClient()
        let response = try await client.send(
            HTTPRequest(method: "GET", url: Array("http://presignd/jobs".utf8), unixSocket: path)
        )
        #expect(String(decoding: response.body, as: UTF8.self) == "GET /jobs HTTP/1.1")
        await client.shutdown()
    }

    @Test(
        "is refused where it could not be sent as it stands",
        arguments: [
            HTTPRequest(method: "GET", url: Array("ftp://h/a".utf8)),
            HTTPRequest(method: "GET", url: Array("http://h/a b".utf8)),
            HTTPRequest(method: "GET", url: Array("http://h/a#b".utf8)),
            HTTPRequest(method: "GET", url: Array("http://u:p@h/a".utf8)),
            HTTPRequest(method: "GET", url: Array("http:///a".utf8)),
            HTTPRequest(method: "GET", url: Array("http://h/".utf8), headers: [("a", "b\r\nc")]),
            HTTPRequest(method: "GET", url: Array("http://h/".utf8), headers: [("a:b", "c")]),
            HTTPRequest(
                method: "PUT",
                url: Array("http://h/".utf8),
                headers: [("Transfer-Encoding", "chunked")]
            ),
            HTTPRequest(method: "G T", url: Array("http://h/".utf8)),
            HTTPRequest(method: "HEAD", url: Array("http://h/".utf8), body: .bytes([1])),
        ]
    )
    func refused(request: HTTPRequest) async throws {
        let client = HTTPClient()
        let error = try await failure(of: request, on: client)
        guard case .invalidRequest = error else {
            Issue.record("not refused as invalid: \(error)")
            return
        }
    }
}
