// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import LocalStore

@Suite("An upload in parts to the embedded store", .timeLimit(.minutes(3)))
struct PartsTests {
    private static let key = ObjectKey("a b/\u{e9}.bin")
    private static let large = [UInt8](repeating: 7, count: 5 << 20)

    private static func begin(_ store: RunningStore) async throws -> String {
        let reply = try await store.ask(
            .post,
            key,
            headers: [
                Header("content-type", "text/x-parts"), Header("x-amz-meta-who", "me"),
                Header("x-amz-checksum-algorithm", "CRC64NVME"),
                Header("x-amz-checksum-type", "FULL_OBJECT"),
            ],
            query: [QueryItem("uploads")]
        )
        guard let id = reply.element("UploadId") else { throw TestFailure(reply.text) }
        return id
    }

    private static func put(
        _ store: RunningStore,
        _ id: String,
        _ number: Int,
        _ body: [UInt8],
        headers: [Header] = []
    ) async throws -> Reply {
        let query = [QueryItem("partNumber", "\(number)"), QueryItem("uploadId", id)]
        return try await store.ask(.put, key, headers: headers, query: query, body: body)
    }

    private static func complete(
        _ store: RunningStore,
        _ id: String,
        _ parts: [(Int, Reply)],
        headers: [Header] = [],
        xml: String? = nil
    ) async throws -> Reply {
        var text = "<CompleteMultipartUpload>"
        for (number, reply) in parts {
            let etag = (reply.headers["etag"] ?? "").components(separatedBy: "\"")
                .joined(separator: "&quot;")
            text += "<Part><PartNumber>\(number)</PartNumber><ETag>\(etag)</ETag></Part>"
        }
        let body = Array((xml ?? text + "</CompleteMultipartUpload>").utf8)
        return try await store.ask(
            .post,
            key,
            headers: headers + [Header("content-length", "\(body.count)")],
            query: [QueryItem("uploadId", id)],
            body: body
        )
    }

    private static func checksum(_ body: [UInt8]) -> String {
        var digests = BodyDigests(asked: nil, payloadHash: false)
        unsafe body.withUnsafeBytes { unsafe digests.update($0) }
        return digests.checksum(.crc64nvme)?.base64 ?? ""
    }

    private static func ask(
        _ store: RunningStore,
        _ method: HTTPMethod,
        _ id: String
    ) async throws
        -> Reply
    { try await store.ask(method, key, query: [QueryItem("uploadId", id)]) }

    @Test("becomes one object at its end, over a restart, and tells its end again")
    func whole() async throws {
        let folder = try TemporaryFolder()
        let ids = AsyncStream<String>.makeStream()
        try await RunningStore.serve(in: folder) { store in
            let id = try await Self.begin(store)
            let sum = Header("x-amz-checksum-crc64nvme", Self.checksum(Self.large))
            let reply = try await Self.put(store, id, 1, Self.large, headers: [sum])
            #expect(reply.status == 200)
            #expect(reply.headers[sum.name] == sum.value)
            #expect(try await store.ask(.head, Self.key).status == 404)
            ids.continuation.yield(id)
        }
        ids.continuation.finish()
        var iterator = ids.stream.makeAsyncIterator()
        let id = try #require(await iterator.next())
        try await RunningStore.serve(in: folder) { store in
            let last = try await Self.put(store, id, 3, [1, 2, 3])
            let list = try await Self.ask(store, .get, id)
            #expect(list.text.components(separatedBy: "<Part>").count == 3)
            #expect(list.element("Size") == "5242880")
            let found = try await store.ask(
                .get,
                ObjectKey(bytes: []),
                query: [
                    QueryItem("uploads"), QueryItem("prefix", "a b/\u{e9}"),
                    QueryItem("encoding-type", "url"),
                ]
            )
            #expect(found.element("UploadId") == id)
            #expect(found.text.contains("<Key>a%20b/%C3%A9.bin</Key>"))
            let first = Reply(
                status: 200,
                headers: [
                    "etag": list.element("ETag")?.components(separatedBy: "&quot;")
                        .joined(separator: "") ?? ""
                ],
                body: []
            )
            let whole = Self.large + [1, 2, 3]
            for wrong in [
                Header("x-amz-mp-object-size", "1"),
                Header("x-amz-checksum-crc64nvme", Self.checksum([1])),
            ] {
                let reply = try await Self.complete(
                    store,
                    id,
                    [(1, first), (3, last)],
                    headers: [wrong]
                )
                #expect(reply.status == 400)
            }
            let headers = [
                Header("x-amz-checksum-crc64nvme", Self.checksum(whole)),
                Header("x-amz-checksum-type", "FULL_OBJECT"),
                Header("x-amz-mp-object-size", "\(whole.count)"), Header("if-none-match", "*"),
            ]
            for _ in 1...2 {
                let done = try await Self.complete(
                    store,
                    id,
                    [(1, first), (3, last)],
                    headers: headers
                )
                #expect(done.status == 200, "\(done.text)")
                #expect(done.element("ChecksumCRC64NVME") == Self.checksum(whole))
                #expect(done.element("ETag")?.contains("-2") == true)
            }
            let got = try await store.ask(.get, Self.key)
            #expect(got.body == whole)
            #expect(got.headers["content-type"] == "text/x-parts")
            #expect(got.headers["x-amz-meta-who"] == "me")
            #expect(try await Self.ask(store, .get, id).code == "NoSuchUpload")
            let parts = try OpenFile("\(store.folder)/parts", flags: 0)
            #expect(try PrivateFolder.names(in: parts, path: "").isEmpty)
        }
    }

    @Test("is refused what S3 refuses, and is gone once given up")
    func refusals() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let id = try await Self.begin(store)
            let one = try await Self.put(store, id, 1, [1])
            let two = try await Self.put(store, id, 2, [2])
            let wrong = Header("x-amz-checksum-crc64nvme", Self.checksum([9]))
            #expect(try await Self.put(store, id, 2, [3], headers: [wrong]).code == "BadDigest")
            #expect(try await Self.put(store, id, 0, [1]).code == "InvalidArgument")
            #expect(try await Self.put(store, id, 10_001, [1]).code == "InvalidArgument")
            let unknown = String(repeating: "0", count: 32)
            for other in [unknown, "../x"] {
                #expect(try await Self.put(store, other, 1, [1]).code == "NoSuchUpload")
            }
            func end(_ parts: [(Int, Reply)], xml: String? = nil) async throws -> String? {
                try await Self.complete(store, id, parts, xml: xml).code
            }
            #expect(try await end([(2, two), (1, one)]) == "InvalidPartOrder")
            #expect(try await end([(1, two)]) == "InvalidPart")
            #expect(try await end([(7, two)]) == "InvalidPart")
            #expect(try await end([(1, one), (2, two)]) == "EntityTooSmall")
            for xml in ["", "<a/>", "<CompleteMultipartUpload>", "<!DOCTYPE x>"] {
                #expect(try await end([], xml: xml) == "MalformedXML")
            }
            let long = String(repeating: " ", count: 2 << 20 + 1)
            #expect(try await end([], xml: long) == "EntityTooLarge")
            try await store.ask(.put, Self.key, body: [5])
            let taken = try await Self.complete(
                store,
                id,
                [(1, one)],
                headers: [Header("if-none-match", "*")]
            )
            #expect(taken.status == 412)
            #expect(try await store.ask(.get, Self.key).body == [5])
            #expect(try await Self.ask(store, .delete, id).status == 204)
            #expect(try await Self.ask(store, .delete, id).code == "NoSuchUpload")
            #expect(try await Self.put(store, id, 1, [1]).code == "NoSuchUpload")
        }
    }

    @Test("is removed at start when nobody went on with it for a week")
    func forgotten() async throws {
        let (folder, clock) = (try TemporaryFolder(), TestClock())
        for (days, count) in [(0, 1), (6, 1), (2, 0)] {
            clock.advance(.seconds(Int64(days) * 86_400))
            try await RunningStore.serve(in: folder, clock: clock) { store in
                if days == 0 { _ = try await Self.begin(store) }
                let parts = try OpenFile("\(store.folder)/parts", flags: 0)
                #expect(try PrivateFolder.names(in: parts, path: "").count == count)
            }
        }
    }

    @Test("has the checksum of the whole, joined from those of its parts")
    func joined() {
        var sum = JoinedCheck()
        for part in [[1, 2, 3], [], [UInt8](repeating: 9, count: 1_000)] as [[UInt8]] {
            let check = [UInt8](base64: Self.checksum(part)) ?? []
            sum.append(check.reduce(0) { $0 << 8 | UInt64($1) }, size: Int64(part.count))
        }
        let whole = [1, 2, 3] + [UInt8](repeating: 9, count: 1_000)
        let check = [UInt8](base64: Self.checksum(whole)) ?? []
        #expect(sum.value == check.reduce(0) { $0 << 8 | UInt64($1) })
    }
}
