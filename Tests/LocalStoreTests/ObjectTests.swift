// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs
import NIOPosix
import Testing

@testable import LocalStore

@Suite("An object in the embedded store", .timeLimit(.minutes(3)))
struct ObjectTests {
    @Test("comes back with its bytes, its ETag and its headers")
    func roundTrip() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let body = Array("hello, store".utf8)
            let put = try await store.ask(
                .put,
                ObjectKey("a/b c.txt"),
                headers: [
                    Header("content-type", "text/plain; charset=utf-8"),
                    Header("content-disposition", "attachment; filename=\"b c.txt\""),
                    Header("cache-control", "private, no-store"),
                    Header("content-language", "en"),
                    Header("x-amz-meta-presignd-id", "0198c1b2"),
                ],
                body: body
            )
            let etag = "\"\(Array(Insecure.MD5.hash(data: body)).hex)\""
            #expect(put.status == 200)
            #expect(put.headers["etag"] == etag)
            #expect(put.headers["x-amz-request-id"]?.count == 16)
            for method in [HTTPMethod.get, .head] {
                let got = try await store.ask(method, ObjectKey("a/b c.txt"))
                #expect(got.status == 200)
                #expect(got.body == (method == .get ? body : []))
                #expect(got.headers["content-length"] == "12")
                #expect(got.headers["etag"] == etag)
                #expect(got.headers["content-type"] == "text/plain; charset=utf-8")
                #expect(got.headers["content-disposition"] == "attachment; filename=\"b c.txt\"")
                #expect(got.headers["cache-control"] == "private, no-store")
                #expect(got.headers["content-language"] == "en")
                #expect(got.headers["x-amz-meta-presignd-id"] == "0198c1b2")
                #expect(got.headers["accept-ranges"] == "bytes")
                #expect(got.headers["last-modified"] == HTTPDate.text(store.clock.now))
            }
        }
    }

    @Test(
        "is whole whatever its size",
        arguments: [0, 1, 4_096, 32_768, 131_072, 131_073, 5_000_000]
    )
    func sizes(size: Int) async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            #expect(try await store.ask(.put, ObjectKey("k"), body: body).status == 200)
            let got = try await store.ask(.get, ObjectKey("k"))
            #expect(got.status == 200)
            #expect(got.body == body)
            #expect(got.headers["content-type"] == "binary/octet-stream")
        }
    }

    static let oddKeys: [[UInt8]] =
        [
            "a//b", "/a", "a/", "//", ".", "..", "a/./b", "../../etc/passwd", "a/../../b",
            "new\nline",
            "tab\t\u{1}", "50% + more?&=#", "smile \u{1f600}", "e\u{301}", "\u{e9}", "~a-b_c.d",
            "incoming/1", "lock", "back\\slash", "\u{202e}fdp.exe",
        ].map { Array($0.utf8) } + [
            Array(repeating: UInt8(ascii: "k"), count: 1_024), [0xff, 0xfe],
        ]

    @Test("may have any key, and no key leads out of the folder")
    func oddKeys() async throws {
        let folder = try TemporaryFolder()
        try await RunningStore.serve(in: folder) { store in
            for (number, key) in Self.oddKeys.enumerated() {
                let put = try await store.ask(
                    .put,
                    ObjectKey(bytes: key),
                    body: Array("body \(number)".utf8)
                )
                #expect(put.status == 200, "\(NameText.shown(key)): \(put.text)")
            }
            for (number, key) in Self.oddKeys.enumerated() {
                let got = try await store.ask(.get, ObjectKey(bytes: key))
                #expect(got.text == "body \(number)", "\(NameText.shown(key))")
            }
        }
        let root = try OpenFile("\(folder.path)/objects", flags: 0)
        #expect(
            try PrivateFolder.names(in: root, path: "").sorted() == [
                "incoming", "lock", "objects", "parts",
            ]
        )
    }

    @Test("cannot have a key of more than 1,024 bytes")
    func longKey() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let key = ObjectKey(bytes: Array(repeating: UInt8(ascii: "k"), count: 1_025))
            let put = try await store.ask(.put, key, body: [1])
            #expect(put.status == 400)
            #expect(put.code == "KeyTooLongError")
        }
    }

    @Test("is gone after DELETE, which succeeds for one that never was")
    func delete() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            try await store.ask(.put, ObjectKey("k"), body: [1])
            #expect(try await store.ask(.delete, ObjectKey("k")).status == 204)
            let got = try await store.ask(.get, ObjectKey("k"))
            #expect(got.status == 404)
            #expect(got.code == "NoSuchKey")
            #expect(got.headers["content-type"] == "application/xml")
            #expect(try await store.ask(.delete, ObjectKey("k")).status == 204)
            let head = try await store.ask(.head, ObjectKey("k"))
            #expect(head.status == 404)
            #expect(head.body.isEmpty)
        }
    }

    @Test("is made by exactly one of many PUTs with If-None-Match: *")
    func onlyOneWins() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            // One byte more than a chunk, so that many are on their way when the first is done.
            let size = ObjectServer.chunk + 1
            let replies = try await withThrowingTaskGroup(of: (UInt8, Int).self) { group in
                for number in UInt8(0)..<24 {
                    group.addTask {
                        let reply = try await store.ask(
                            .put,
                            ObjectKey("k"),
                            headers: [Header("if-none-match", "*")],
                            body: Array(repeating: number, count: size)
                        )
                        return (number, reply.status)
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            let winners = replies.filter { $0.value == 200 }.map(\.key)
            #expect(winners.count == 1)
            #expect(replies.values.allSatisfy { [200, 412].contains($0) })
            let got = try await store.ask(.get, ObjectKey("k"))
            #expect(got.body == Array(repeating: winners.first ?? 255, count: size))
        }
    }

    @Test("that is overwritten or deleted stays whole for whoever is reading it")
    func readerIsUndisturbed() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let old = [UInt8](repeating: 1, count: 20_000_000)
            try await store.ask(.put, ObjectKey("k"), body: old)
            let get = try store.sign(ObjectRequest(.get, ObjectKey("k"), lifetime: 60))
            let target = RunningStore.target(of: get.url.reveal())
            let reader = try await store.talk { connection in
                try connection.write(
                    RunningStore.head("GET", target, [Header("Host", "127.0.0.1:\(store.port)")])
                )
                let (status, headers) = try connection.head()
                #expect(status == 200)
                #expect(headers["content-length"] == "20000000")
                return connection
            }
            #expect(try await store.ask(.put, ObjectKey("k"), body: [2]).status == 200)
            #expect(try await store.ask(.delete, ObjectKey("k")).status == 204)
            let sum = try await RunningStore.threads.runIfActive {
                var (count, sum) = (0, 0)
                while count < old.count {
                    let part = try reader.read()
                    guard !part.isEmpty else { break }
                    count += part.count
                    sum += part.reduce(0) { $0 + Int($1) }
                }
                return sum
            }
            #expect(sum == 20_000_000)
        }
    }

    @Test("is served to 128 connections at the same time")
    func manyConnections() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<128 {
                    group.addTask {
                        let key = ObjectKey("k\(number)")
                        let body = Array("body \(number)".utf8)
                        let put = try await store.ask(.put, key, body: body)
                        #expect(put.status == 200)
                        let got = try await store.ask(.get, key)
                        #expect(got.body == body)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
