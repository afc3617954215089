// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Testing

@testable import LocalStore

@Suite("A copy inside the embedded store", .timeLimit(.minutes(3)))
struct CopyTests {
    private static let body = Array("what was sent once".utf8)
    private static let source = ObjectKey("old/\u{e9} 50%.txt")

    private static func put(_ store: RunningStore, _ body: [UInt8] = body) async throws -> Reply {
        try await store.ask(
            .put,
            source,
            headers: [
                Header("content-type", "text/plain"), Header("x-amz-meta-presignd-id", "one"),
            ],
            body: body
        )
    }

    private static func copy(
        _ store: RunningStore,
        to key: String = "new/\u{e9}.txt",
        _ headers: [Header] = []
    ) async throws -> Reply {
        let source = Header("x-amz-copy-source", "/local/old/%C3%A9%2050%25.txt")
        return try await store.ask(.put, ObjectKey(key), headers: [source] + headers)
    }

    @Test("has the bytes, the ETag, the checksum and the headers of what it was taken of")
    func same() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let put = try await Self.put(store)
            let reply = try await Self.copy(store)
            #expect(reply.status == 200, "\(reply.text)")
            #expect(reply.element("ETag") != nil && reply.element("ChecksumCRC64NVME") != nil)
            let got = try await store.ask(.get, ObjectKey("new/\u{e9}.txt"))
            #expect(got.body == Self.body)
            #expect(got.headers["etag"] == put.headers["etag"])
            #expect(got.headers["content-type"] == "text/plain")
            #expect(got.headers["x-amz-meta-presignd-id"] == "one")
            #expect(try await store.ask(.get, Self.source).body == Self.body)
        }
    }

    @Test("has other headers where it says REPLACE, even over itself")
    func replaced() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            _ = try await Self.put(store)
            let headers = [
                Header("x-amz-metadata-directive", "REPLACE"), Header("content-type", "text/csv"),
                Header("x-amz-meta-presignd-id", "two"),
            ]
            for key in ["new", "old/\u{e9} 50%.txt"] {
                #expect(try await Self.copy(store, to: key, headers).status == 200)
                let got = try await store.ask(.get, ObjectKey(key))
                #expect(got.body == Self.body)
                #expect(got.headers["content-type"] == "text/csv")
                #expect(got.headers["x-amz-meta-presignd-id"] == "two")
            }
        }
    }

    @Test(
        "is refused for what would make it another than was meant",
        arguments: [
            ([Header("x-amz-copy-source", "/local/none")], 404, "NoSuchKey"),
            ([Header("x-amz-copy-source", "/other/old")], 404, "NoSuchBucket"),
            ([Header("x-amz-copy-source", "local")], 400, "InvalidArgument"),
            ([Header("x-amz-copy-source", "/local/%zz")], 400, "InvalidArgument"),
            ([Header("x-amz-copy-source", "/local/here?versionId=1")], 400, "InvalidArgument"),
            ([Header("x-amz-copy-source", "/local/here")], 400, "InvalidRequest"),
            (
                [
                    Header("x-amz-copy-source", "/local/there"),
                    Header("x-amz-metadata-directive", "PERHAPS"),
                ], 400, "InvalidArgument"
            ),
            (
                [
                    Header("x-amz-copy-source", "/local/here"),
                    Header("x-amz-tagging-directive", "REPLACE"),
                ], 501, "NotImplemented"
            ),
            (
                [
                    Header("x-amz-copy-source", "/local/there"),
                    Header("x-amz-copy-source-if-match", "\"other\""),
                ], 412, "PreconditionFailed"
            ),
            (
                [
                    Header("x-amz-copy-source", "/local/there"), Header("if-none-match", "*"),
                ], 412, "PreconditionFailed"
            ),
        ]
    )
    func refused(headers: [Header], status: Int, code: String) async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            for key in ["here", "there"] {
                _ = try await store.ask(.put, ObjectKey(key), body: Array(key.utf8))
            }
            let reply = try await store.ask(.put, ObjectKey("here"), headers: headers)
            #expect(reply.status == status && reply.code == code, "\(reply.text)")
            #expect(try await store.ask(.get, ObjectKey("here")).body == Array("here".utf8))
        }
    }

    @Test("is not to be had by a header that the URL does not sign")
    func unsigned() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            _ = try await Self.put(store)
            let request = try store.sign(ObjectRequest(.put, ObjectKey("new"), lifetime: 600))
            let header = Header("x-amz-copy-source", "/local/old/%C3%A9%2050%25.txt")
            let reply = try await store.send(request, unsigned: [header])
            #expect(reply.status == 403 && reply.code == "AccessDenied")
            #expect(try await store.ask(.head, ObjectKey("new")).status == 404)
        }
    }

    @Test("counts against max_size, and leaves nothing behind where there is no room")
    func quota() async throws {
        try await RunningStore.serve(in: TemporaryFolder(), maxSize: 100_000) { store in
            let body = [UInt8](repeating: 1, count: 50_000)
            let put = try await store.askOnceCounted(.put, Self.source, body)
            #expect(put.status == 200)
            let reply = try await Self.copy(store)
            #expect(reply.status == 507 && reply.code == "QuotaExceeded")
            #expect(
                try PrivateFolder.names(
                    in: OpenFile("\(store.folder)/incoming", flags: O_RDONLY | O_DIRECTORY),
                    path: "incoming"
                ).isEmpty
            )
        }
    }

    @Test("a removal can be bound to what its client knows of the object")
    func removedIfSame() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let key = ObjectKey("here")
            _ = try await store.ask(.put, key, body: [1])
            let old = try #require(try await store.ask(.head, key).headers["etag"])
            _ = try await store.ask(.put, key, body: [2])
            func remove(_ etag: String) async throws -> Int {
                try await store.ask(.delete, key, headers: [Header("if-match", etag)]).status
            }
            #expect(try await remove(old) == 412)
            #expect(try await store.ask(.get, key).body == [2])
            let new = try #require(try await store.ask(.head, key).headers["etag"])
            #expect(try await remove(new) == 204)
            #expect(try await remove(new) == 404)
        }
    }

    @Test("a GET under way keeps its bytes though the object is removed")
    func removedUnderway() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            // More than the sockets between them hold.
            let body = (0..<32_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            _ = try await Self.put(store, body)
            let request = try store.sign(ObjectRequest(.get, Self.source, lifetime: 600))
            let remove = try store.sign(ObjectRequest(.delete, Self.source, lifetime: 600))
            let port = store.port
            let got = try await store.talk { connection in
                let target = RunningStore.target(of: request.url.reveal())
                let host = [Header("Host", "127.0.0.1:\(port)")]
                try connection.write(RunningStore.head("GET", target, host))
                // From here on the object is open.
                let length = try connection.head().headers["content-length"].flatMap { Int($0) }
                let other = try Connection(port: port)
                let path = RunningStore.target(of: remove.url.reveal())
                try other.write(RunningStore.head("DELETE", path, host))
                let removed = try other.reply(to: "DELETE").status
                var bytes: [UInt8] = []
                while bytes.count < length ?? 0 {
                    let part = try connection.read()
                    if part.isEmpty { break }
                    bytes += part
                }
                return (removed, bytes)
            }
            #expect(got.0 == 204)
            #expect(got.1 == body)
            #expect(try await store.ask(.get, Self.source).status == 404)
            #expect(try await store.ask(.delete, Self.source).status == 204)
        }
    }
}
