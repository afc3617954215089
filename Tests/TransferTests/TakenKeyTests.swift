// SPDX-License-Identifier: Apache-2.0
import Jobs
import Objects
import Testing

@testable import Transfer

@Suite("An upload whose key is taken", .timeLimit(.minutes(2)))
struct TakenKeyTests {
    private let content = Array("123456789".utf8)
    private static let id = UniqueID(at: testNow, random: (1, 2)).description

    private func reply(to head: [(String, String)]) -> StoreServer.Script {
        { exchange, _ in
            if exchange.method == "HEAD" { return Reply(headers: head) }
            let body = exchange.body()
            if exchange.headers["if-none-match"] != nil { return error(412, "PreconditionFailed") }
            return Reply(headers: [Good.opaque, Good.checksum(body)])
        }
    }

    @Test("is done when an earlier try of the same job had been stored")
    func own() async throws {
        let store = TestStore(
            reply(to: [
                Good.md5(content), Good.checksum(content), ("x-amz-meta-presignd-id", Self.id),
                ("content-length", "9"),
            ])
        )
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        #expect(outcome.receipt?.integrity == .signed)
        #expect(outcome.receipt?.etag == "25f9e794323b453885f5181f1b624d0b")
        #expect(store.server.requests.count == 2)
        #expect(store.server.requests.last?.contains("x-amz-checksum-mode") == true)
    }

    @Test("needs a person when another wrote the object", arguments: ["someone-else", nil])
    func other(id: String?) async throws {
        let store = TestStore(
            reply(to: [
                Good.md5(content), ("content-length", "9"),
                id.map { ("x-amz-meta-presignd-id", $0) } ?? ("x-a", "b"),
            ])
        )
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        #expect(outcome.failure?.advice == .giveUp)
        #expect(outcome.failure?.code == "key-exists")
        #expect(outcome.failure?.message.contains("on_exists: rename` or `overwrite`") == true)
    }

    @Test("is its own under a key that holds its id, where a store gives no metadata back")
    func ownByKey() async throws {
        let store = TestStore(reply(to: [Good.md5(content), ("content-length", "9")]))
        let outcome = try await store.upload(
            store.inbox.write(FileName("a"), content),
            key: ObjectKey("\(Self.id)/a")
        )
        #expect(outcome.receipt?.etag == "25f9e794323b453885f5181f1b624d0b")
    }

    @Test("replaces its own object when that is not whole")
    func damaged() async throws {
        let store = TestStore(
            reply(to: [
                Good.md5([1]), ("x-amz-meta-presignd-id", Self.id), ("content-length", "1"),
            ])
        )
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        #expect(outcome.receipt?.integrity == .signed)
        #expect(store.server.requests.map { String($0.prefix(4)) } == ["PUT ", "HEAD", "PUT "])
        #expect(store.server.requests.last?.contains("if-none-match") == false)
    }

    @Test("waits when the store does not let it look whose the object is")
    func forbidden() async throws {
        let store = TestStore { exchange, _ in
            exchange.method == "HEAD" ? Reply(status: 403) : error(412, "PreconditionFailed")
        }
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        #expect(outcome.failure?.advice == .hold)
        #expect(outcome.failure?.message.contains("s3:GetObject") == true)
    }

    @Test("is tried again when the object is gone by then")
    func gone() async throws {
        let store = TestStore { exchange, _ in
            exchange.method == "HEAD" ? Reply(status: 404) : error(412, "PreconditionFailed")
        }
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        #expect(outcome.failure?.advice == .retry)
    }

    @Test(
        "is the other's object where the template says so and the bytes are the same",
        arguments: [true, false]
    )
    func same(byChecksum: Bool) async throws {
        let proof = byChecksum ? [Good.opaque, Good.checksum(content)] : [Good.md5(content)]
        let store = TestStore(
            reply(to: proof + [("content-length", "9"), ("x-amz-version-id", "v7")])
        )
        let file = store.inbox.write(FileName("a"), content)
        let receipt = try await store.upload(file, onExists: .skipIfSame).receipt
        #expect(receipt?.integrity == (byChecksum ? .compared : .etag))
        #expect(receipt?.versionID == "v7")
        #expect(store.server.requests.map { String($0.prefix(4)) } == ["PUT ", "HEAD"])
    }

    @Test(
        "is another's where its bytes differ, or cannot be known to be the same",
        arguments: [
            [("ETag", "\"0123-2\""), ("content-length", "9")],
            [Good.md5([1]), ("content-length", "9")],
            [Good.md5(Array("123456789".utf8)), ("content-length", "8")],
        ]
    )
    func different(head: [(String, String)]) async throws {
        let store = TestStore(reply(to: head))
        let file = store.inbox.write(FileName("a"), content)
        let outcome = try await store.upload(file, onExists: .skipIfSame)
        guard case .keyTaken(let failure) = outcome else {
            Issue.record("unexpected: \(outcome)")
            return
        }
        #expect(failure.code == "key-exists")
    }

    @Test("is told apart from a failure, so that the job may take another key")
    func renamed() async throws {
        let store = TestStore(reply(to: [Good.md5([1]), ("content-length", "1")]))
        let file = store.inbox.write(FileName("a"), content)
        let outcome = try await store.upload(file, onExists: .rename)
        guard case .keyTaken = outcome else {
            Issue.record("unexpected: \(outcome)")
            return
        }
    }

    @Test(
        "is looked for before anything is sent, where the store knows no condition",
        arguments: [OnExists.fail, .rename, .skipIfSame]
    )
    func withoutCondition(onExists: OnExists) async throws {
        let content = content
        let store = TestStore { exchange, _ in
            if exchange.method == "HEAD" {
                return exchange.target.contains("free")
                    ? Reply(status: 404)
                    : Reply(headers: [Good.md5(content), ("content-length", "9")])
            }
            let body = exchange.body()
            if exchange.headers["if-none-match"] != nil { return error(501, "NotImplemented") }
            return Reply(headers: [Good.opaque, Good.checksum(body)])
        }
        let first = store.inbox.write(FileName("a"), content)
        // It learns that at its first upload.
        _ = try await store.upload(first, onExists: onExists, key: ObjectKey("free/a"))
        let before = store.server.requests.count
        let outcome = try await store.upload(first, onExists: onExists)
        let methods = store.server.requests.dropFirst(before).map { String($0.prefix(4)) }
        #expect(methods == ["HEAD"])
        switch outcome {
        case .uploaded: #expect(onExists == .skipIfSame)
        case .keyTaken: #expect(onExists != .skipIfSame)
        default: Issue.record("unexpected: \(outcome)")
        }
        let other = try await store.upload(first, onExists: onExists, key: ObjectKey("free/b"))
        #expect(other.receipt != nil)
    }

    @Test("may overwrite where the template says so, and believes no 412 then")
    func overwrite() async throws {
        let store = TestStore(reply(to: []))
        let file = store.inbox.write(FileName("a"), content)
        #expect(try await store.upload(file, onExists: .overwrite).receipt != nil)
        let strange = TestStore { _, _ in error(412, "PreconditionFailed") }
        let other = strange.inbox.write(FileName("a"), content)
        let outcome = try await strange.upload(other, onExists: .overwrite)
        #expect(outcome.failure?.code == "PreconditionFailed")
    }
}
