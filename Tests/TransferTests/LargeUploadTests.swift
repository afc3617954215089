// SPDX-License-Identifier: Apache-2.0
import Crypto
import Jobs
import Objects
import Testing

@testable import Transfer

/// 20 MiB; one byte more than any buffer divides evenly.
private let content: [UInt8] = {
    let piece = noise(1 << 20)
    var bytes: [UInt8] = []
    for _ in 0..<20 { bytes += piece }
    return bytes + [42]
}()

@Suite("An upload of more than 8 MiB", .timeLimit(.minutes(3)), .serialized)
struct LargeUploadTests {
    @Test("is streamed and proven by the checksum that comes back")
    func compared() async throws {
        let store = TestStore { exchange, _ in
            let body = exchange.body()
            #expect(body == content)
            #expect(exchange.headers["x-amz-checksum-crc64nvme"] == nil)
            return Reply(headers: [Good.opaque, Good.checksum(body)])
        }
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        let receipt = try #require(outcome.receipt)
        #expect(receipt.integrity == .compared)
        #expect(receipt.sha256 == Array(SHA256.hash(data: content)))
        #expect(receipt.crc64nvme == Good.crc64nvme(content))
        #expect(store.memory.current.returnsChecksum)
    }

    @Test("is proven by the MD5 that comes back")
    func etag() async throws {
        let store = TestStore { exchange, _ in Reply(headers: [Good.md5(exchange.body())]) }
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        #expect(outcome.receipt?.integrity == .etag)
    }

    @Test("is repeated with a signed checksum where an answer proves nothing, but only once")
    func repeated() async throws {
        let store = TestStore { exchange, _ in
            _ = exchange.body()
            return Reply(headers: [Good.opaque])
        }
        let file = store.inbox.write(FileName("a"), content)
        #expect(try await store.upload(file).receipt?.integrity == .signed)
        #expect(store.server.requests.count == 2)
        #expect(store.server.requests.last?.contains("x-amz-checksum-crc64nvme") == true)
        #expect(store.server.requests.last?.contains("if-none-match") == false)
        #expect(try await store.upload(file).receipt?.integrity == .signed)
        #expect(store.server.requests.count == 3)
    }

    @Test("fails as a matter of the file when a byte was flipped")
    func flipped() async throws {
        let store = TestStore { exchange, _ in
            var body = exchange.body()
            body[9_999_999] ^= 0x80
            return Reply(headers: [Good.opaque, Good.checksum(body)])
        }
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        #expect(outcome.failure?.code == "integrity")
    }

    @Test("is tried again when the connection drops in the middle")
    func dropped() async throws {
        let store = TestStore { exchange, _ in
            _ = exchange.body(upTo: 3 << 20)
            return nil
        }
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        #expect(outcome.failure?.advice == .retry)
        #expect(outcome.failure?.code == "network")
    }

    @Test("is done when a lost answer had stored it, though the second PUT sent nothing")
    func lostAnswer() async throws {
        let id = UniqueID(at: testNow, random: (1, 2)).description
        let store = TestStore { exchange, _ in
            if exchange.method == "HEAD" {
                return Reply(headers: [
                    Good.opaque, Good.checksum(content), ("x-amz-meta-presignd-id", id),
                    ("content-length", String(content.count)),
                ])
            }
            return error(412, "PreconditionFailed")
        }
        let outcome = try await store.upload(store.inbox.write(FileName("a"), content))
        #expect(outcome.receipt?.integrity == .compared)
        #expect(outcome.receipt?.sha256 == Array(SHA256.hash(data: content)))
    }

    @Test("of more than 5 GiB waits")
    func tooLarge() async throws {
        let store = TestStore { _, _ in nil }
        var file = store.inbox.write(FileName("a"), [])
        file.stamp.size = 5 << 30 + 1
        let outcome = try await store.upload(file)
        #expect(outcome.failure?.advice == .hold)
        #expect(outcome.failure?.code == "too-large")
        #expect(store.server.requests.isEmpty)
    }
}

@Suite("A body that is hashed while it is sent")
struct StreamedBodyTests {
    private func read(_ body: StreamedBody, _ count: Int, at offset: Int64) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = try unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe try body.read(into: buffer, at: offset)
        }
        return Array(bytes.prefix(read))
    }

    @Test("hashes no byte twice when it is sent again from its start")
    func rewind() throws {
        let inbox = Inbox()
        let bytes = noise(1_000)
        let body = StreamedBody(try inbox.write(FileName("a"), bytes).open(), withMD5: true)
        #expect(try read(body, 300, at: 0) == Array(bytes[..<300]))
        #expect(try read(body, 300, at: 300) == Array(bytes[300..<600]))
        #expect(body.digests == nil)
        #expect(try read(body, 700, at: 0) == Array(bytes[..<700]))
        #expect(try read(body, 700, at: 700) == Array(bytes[700...]))
        let digests = try #require(body.digests)
        #expect(digests.crc64nvme == Good.crc64nvme(bytes))
        #expect(digests.sha256 == Array(SHA256.hash(data: bytes)))
        #expect(digests.md5 == Array(Insecure.MD5.hash(data: bytes)))
        #expect(try read(body, 1, at: 1_000).isEmpty)
    }

    @Test("refuses to be read out of order")
    func order() throws {
        let inbox = Inbox()
        let body = StreamedBody(try inbox.write(FileName("a"), noise(100)).open(), withMD5: false)
        #expect(throws: SeekError(offset: 50)) { try read(body, 10, at: 50) }
    }

    @Test("says so when the file has become shorter")
    func cut() throws {
        let inbox = Inbox()
        let body = StreamedBody(try inbox.write(FileName("a"), noise(100)).open(), withMD5: false)
        inbox.cut(FileName("a"), to: 40)
        #expect(throws: SourceError.changed) { try read(body, 100, at: 0) }
    }
}
