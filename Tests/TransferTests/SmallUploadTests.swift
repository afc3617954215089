// SPDX-License-Identifier: Apache-2.0
import Crypto
import Jobs
import Objects
import Testing

@testable import Transfer

@Suite("An upload of up to 8 MiB", .timeLimit(.minutes(2)))
struct SmallUploadTests {
    private let content = Array("123456789".utf8)

    @Test("is proven by the checksum that was signed and came back")
    func echo() async throws {
        let store = TestStore { exchange, _ in
            let body = exchange.body()
            guard exchange.headers["x-amz-checksum-crc64nvme"] == Good.checksum(body).1 else {
                return error(400, "BadDigest")
            }
            let version = ("x-amz-version-id", "v7")
            return Reply(headers: [Good.opaque, Good.checksum(body), version])
        }
        let outcome = try await store.upload(store.inbox.write(FileName("a.pdf"), content))
        let receipt = try #require(outcome.receipt)
        #expect(receipt.size == 9)
        #expect(receipt.crc64nvme == 0xae8b_1486_0a79_9888)
        #expect(receipt.sha256 == Array(SHA256.hash(data: content)))
        #expect(receipt.contentType == "application/pdf")
        #expect(receipt.etag == "0123-opaque")
        #expect(receipt.versionID == "v7")
        #expect(receipt.integrity == .signed)
    }

    @Test("sends the signed headers, its length once, and no others of its own")
    func headers() async throws {
        let store = TestStore { exchange, _ in
            Reply(headers: [Good.opaque, Good.checksum(exchange.body())])
        }
        _ = try await store.upload(store.inbox.write(FileName("a"), content))
        let names = try #require(store.server.requests.first).split(separator: " ").map(String.init)
        #expect(
            Set(names).subtracting(["user-agent"]) == [
                "PUT", "content-disposition", "content-length", "content-type", "host",
                "if-none-match", "x-amz-checksum-crc64nvme", "x-amz-meta-presignd-id",
            ]
        )
    }

    @Test("is proven by an MD5 where no checksum comes back")
    func etag() async throws {
        let store = TestStore { exchange, _ in Reply(headers: [Good.md5(exchange.body())]) }
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        #expect(outcome.receipt?.integrity == .etag)
    }

    @Test("is proven by the store's consent to the signed checksum where nothing comes back")
    func consent() async throws {
        let store = TestStore { _, _ in Reply(headers: [Good.opaque]) }
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        #expect(outcome.receipt?.integrity == .signed)
        #expect(store.server.requests.count == 1)
    }

    @Test("of an empty file is an upload like any other")
    func empty() async throws {
        let store = TestStore { exchange, _ in
            #expect(exchange.headers["content-length"] == "0")
            #expect(exchange.headers["transfer-encoding"] == nil)
            return Reply(headers: [Good.md5([]), Good.checksum([])])
        }
        let outcome = try await store.upload(store.inbox.write(FileName("empty"), []))
        #expect(outcome.receipt?.size == 0)
        #expect(outcome.receipt?.crc64nvme == 0)
    }

    @Test("takes names that are any bytes", arguments: [Array("a\nb".utf8), [0x61, 0xff, 0xfe]])
    func names(name: [UInt8]) async throws {
        let store = TestStore { exchange, _ in
            Reply(headers: [Good.opaque, Good.checksum(exchange.body())])
        }
        let file = store.inbox.write(FileName(bytes: name), content)
        #expect(try await store.upload(file).receipt != nil)
    }

    @Test("fails as a matter of the file when other bytes arrived", arguments: [true, false])
    func flipped(withChecksum: Bool) async throws {
        let store = TestStore { exchange, _ in
            var body = exchange.body()
            body[3] ^= 1
            let checksum = withChecksum ? Good.checksum(body) : ("x-other", "1")
            return Reply(headers: [checksum, Good.md5(body)])
        }
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        #expect(outcome.failure?.advice == .resend)
        #expect(outcome.failure?.code == "integrity")
    }

    @Test("fails as the store says")
    func refusals() async throws {
        let store = TestStore { exchange, number in
            _ = exchange.body()
            switch number {
            case 0: return Reply(status: 503, headers: [("Retry-After", "9")])
            case 1: return error(404, "NoSuchBucket")
            // Closed twice: a kept connection that was closed is replaced once.
            case 2, 3: return nil
            default: return error(500, "InternalError")
            }
        }
        let file = store.inbox.write(FileName("a"), content)
        #expect(try await store.upload(file).failure?.advice == .throttle(after: .seconds(9)))
        #expect(try await store.upload(file).failure?.advice == .parkStore)
        #expect(try await store.upload(file).failure?.code == "network")
        #expect(try await store.upload(file).failure?.advice == .retry)
    }

    @Test("names neither signature nor query in a failure")
    func noSecrets() async throws {
        let store = TestStore { _, _ in nil }
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        let failure = try #require(outcome.failure)
        #expect(!failure.message.contains("secret"))
        #expect(!failure.message.contains("X-Amz"))
    }

    @Test("does without a checksum the store does not know, and remembers that")
    func checksumRefused() async throws {
        let store = TestStore { exchange, _ in
            if exchange.headers["x-amz-checksum-crc64nvme"] != nil {
                return error(501, "NotImplemented", "A header you provided is not implemented")
            }
            return Reply(headers: [Good.md5(exchange.body())])
        }
        let file = store.inbox.write(FileName("a"), content)
        #expect(try await store.upload(file).receipt?.integrity == .etag)
        #expect(store.server.requests.count == 2)
        #expect(try await store.upload(file).receipt != nil)
        #expect(store.server.requests.count == 3)
    }

    @Test("does without If-None-Match where the store does not know it")
    func guardRefused() async throws {
        let store = TestStore { exchange, _ in
            if exchange.headers["if-none-match"] != nil {
                return error(501, "NotImplemented", "If-None-Match is not implemented")
            }
            #expect(exchange.headers["x-amz-checksum-crc64nvme"] != nil)
            return Reply(headers: [Good.opaque, Good.checksum(exchange.body())])
        }
        let file = store.inbox.write(FileName("a"), content)
        #expect(try await store.upload(file).receipt?.integrity == .signed)
        #expect(store.memory.current.refused == [.ifNoneMatch])
    }

    @Test("is not taken as proven by a store that neither gives nor takes a checksum")
    func unproven() async throws {
        let store = TestStore { exchange, _ in
            exchange.headers["x-amz-checksum-crc64nvme"] == nil
                ? Reply(headers: [Good.opaque]) : error(501, "NotImplemented", "checksum")
        }
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        #expect(outcome.failure?.code == "unproven")
        #expect(outcome.failure?.advice == .hold)
    }

    @Test("gives up on a store that lacks what is needed in any case")
    func nothingToDrop() async throws {
        let store = TestStore { _, _ in error(501, "NotImplemented") }
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        #expect(outcome.failure?.advice == .giveUp)
        #expect(store.server.requests.count == 3)
    }
}
