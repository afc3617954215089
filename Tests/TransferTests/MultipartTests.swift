// SPDX-License-Identifier: Apache-2.0
import Crypto
import Glibc
import Jobs
import Objects
import Synchronization
import Testing

@testable import Transfer

/// Four parts of 1 MiB and one of a byte.
private let content: [UInt8] = noise(4 << 20) + [42]
private let settings = PartSettings(threshold: 1, size: 1 << 20)

/// A store for parts, and an uploader for it.
private struct PartStore: ~Copyable {
    let inbox = Inbox()
    let parts: PartServer
    let server: StoreServer
    let uploader: Uploader
    let memory: MemoryBudget
    let endpoint = EndpointMemory()

    init(_ parts: PartServer = PartServer(), memory bytes: Int = 32 << 20) {
        self.parts = parts
        server = StoreServer { exchange, _ in parts.answer(exchange) }
        memory = MemoryBudget(bytes: bytes)
        uploader = Uploader(
            channel: testChannel(place(port: server.port)),
            memory: memory,
            endpoint: endpoint,
            parts: settings
        )
    }

    deinit { server.stop() }

    func upload(
        _ file: SettledFile,
        _ ledger: MemoryLedger,
        sent: SentBytes = SentBytes()
    ) async throws -> Outcome {
        await uploader.upload(
            try job(file),
            signer: querySigner(port: server.port),
            ledger: ledger.ledger,
            sent: sent
        )
    }
}

/// Signs as far as a scripted store looks: the query of the request, and a secret.
private func querySigner(port: Int) -> Signer {
    { request, _ in
        var url = "http://127.0.0.1:\(port)/bucket/\(request.key)?"
        url += request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        url += "&X-Amz-Signature=secret"
        return SignedRequest(
            method: request.method,
            url: SignedURL(Array(url.utf8)),
            headers: request.headers
        )
    }
}

private func append(to path: String) {
    let file = unsafe open(path, O_WRONLY | O_APPEND)
    _ = unsafe write(file, "x", 1)
    close(file)
}

/// `part 1` to `part 5`, in any order.
private let allParts = Set((1...5).map { "part \($0)" })

@Suite("An upload in parts (U1)", .timeLimit(.minutes(3)))
struct MultipartTests {
    @Test("begins, sends each part once with its checksum signed, and completes")
    func whole() async throws {
        let store = PartStore()
        let (ledger, sent) = (MemoryLedger(), SentBytes())
        let file = store.inbox.write(FileName("a"), content)
        let receipt = try #require(try await store.upload(file, ledger, sent: sent).receipt)
        #expect(store.parts.holds([content]))
        #expect(receipt.sha256 == Array(SHA256.hash(data: content)))
        #expect(receipt.crc64nvme == Good.crc64nvme(content))
        #expect(receipt.etag == "whole-2")
        #expect(receipt.integrity == .signed)
        #expect(sent.count == Int64(content.count))
        let log = store.parts.log
        #expect(log.first == "begin" && log.suffix(2) == ["head", "complete"] && log.count == 8)
        #expect(Set(log.dropFirst().dropLast(2)) == allParts)
        #expect(ledger.strays == 0)
    }

    @Test("goes on after a crash: only what the ledger and the store do not both know is sent (U2)")
    func resumed() async throws {
        let failing = Mutex(true)
        let store = PartStore(
            PartServer { kind, _ in
                guard kind == "part 4", failing.withLock({ $0 }) else { return nil }
                return .closed
            }
        )
        let ledger = MemoryLedger()
        let file = store.inbox.write(FileName("a"), content)
        #expect(try await store.upload(file, ledger).failure?.advice == .retry)
        let known = try #require(ledger.upload)
        #expect(known.parts.keys.contains(1))
        failing.withLock { $0 = false }
        let before = store.parts.log.count
        #expect(try await store.upload(file, ledger).receipt != nil)
        #expect(store.parts.holds([content]))
        let after = store.parts.log.dropFirst(before)
        #expect(after.first == "list")
        #expect(!after.contains("begin"))
        for number in known.parts.keys { #expect(!after.contains("part \(number)")) }
    }

    @Test("sends again what the store has lost of the parts")
    func reconciled() async throws {
        let failing = Mutex(true)
        let store = PartStore(
            PartServer { kind, _ in
                kind == "part 5" && failing.withLock({ $0 }) ? .closed : nil
            }
        )
        let ledger = MemoryLedger()
        let file = store.inbox.write(FileName("a"), content)
        #expect(try await store.upload(file, ledger).failure != nil)
        failing.withLock { $0 = false }
        let lost = UploadedPart(etag: "0", crc64nvme: 0, integrity: .signed)
        try await ledger.ledger.finish(5, lost)
        #expect(try await store.upload(file, ledger).receipt != nil)
        #expect(store.parts.holds([content]))
    }

    @Test("begins anew when the store has forgotten the upload")
    func forgotten() async throws {
        let failing = Mutex(true)
        let store = PartStore(
            PartServer { kind, _ in
                kind == "part 5" && failing.withLock({ $0 }) ? .closed : nil
            }
        )
        let ledger = MemoryLedger()
        let file = store.inbox.write(FileName("a"), content)
        #expect(try await store.upload(file, ledger).failure != nil)
        failing.withLock { $0 = false }
        store.parts.forgetUploads()
        #expect(try await store.upload(file, ledger).receipt != nil)
        #expect(store.parts.holds([content]))
        #expect(store.parts.log.count { $0 == "begin" } == 2)
    }

    @Test("is done when an earlier end was heard though its answer was lost (C29)")
    func lostEnd() async throws {
        let store = PartStore(
            PartServer { kind, count in kind == "complete" && count == 1 ? .lostAnswer : nil }
        )
        let ledger = MemoryLedger()
        let file = store.inbox.write(FileName("a"), content)
        var outcome = try await store.upload(file, ledger)
        if outcome.receipt == nil { outcome = try await store.upload(file, ledger) }
        let receipt = try #require(outcome.receipt)
        #expect(receipt.sha256 == Array(SHA256.hash(data: content)))
        #expect(store.parts.holds([content]))
        #expect(store.parts.log.count { $0 == "begin" } == 1)
        for part in allParts { #expect(store.parts.log.count { $0 == part } == 1) }
    }

    @Test("leaves a stray upload to be looked for when it cannot know whether one was begun")
    func stray() async throws {
        let store = PartStore(
            PartServer { kind, count in kind == "begin" && count == 1 ? .lostAnswer : nil }
        )
        let ledger = MemoryLedger()
        let file = store.inbox.write(FileName("a"), content)
        var outcome = try await store.upload(file, ledger)
        if outcome.receipt == nil { outcome = try await store.upload(file, ledger) }
        #expect(outcome.receipt != nil)
        #expect(ledger.strays > 0)
        #expect(store.parts.unfinished == 1)
    }

    @Test("replaces nothing: a key that is taken needs a person")
    func taken() async throws {
        let store = PartStore()
        let first = store.inbox.write(FileName("a"), content)
        #expect(try await store.upload(first, MemoryLedger()).receipt != nil)
        let other = store.inbox.write(FileName("b"), noise(2 << 20))
        var job = try job(other)
        job.id = UniqueID(at: testNow, random: (7, 7))
        let outcome = await store.uploader.upload(
            job,
            signer: querySigner(port: store.server.port),
            ledger: MemoryLedger().ledger
        )
        #expect(outcome.failure?.code == "key-exists")
        #expect(store.parts.holds([content]))
    }

    @Test("is proven by the parts' MD5 where the store knows no checksums")
    func etags() async throws {
        let store = PartStore(PartServer(knowsChecksums: false))
        let file = store.inbox.write(FileName("a"), content)
        let receipt = try await store.upload(file, MemoryLedger()).receipt
        #expect(receipt?.integrity == .etag)
        #expect(store.parts.holds([content]))
    }

    @Test("finds a byte that was flipped on the way (I2)")
    func flipped() async throws {
        let store = PartStore(
            PartServer(knowsChecksums: false) { kind, _ in
                guard kind == "part 3" else { return nil }
                return .reply(Reply(headers: [Good.md5(noise(10))]))
            }
        )
        let file = store.inbox.write(FileName("a"), content)
        let outcome = try await store.upload(file, MemoryLedger())
        #expect(outcome.failure?.code == "integrity")
        #expect(store.parts.holds([]))
    }

    @Test("does not publish a file that changed while it was sent (W12)")
    func changed() async throws {
        let inbox = Mutex<(@Sendable () -> Void)?>(nil)
        let store = PartStore(
            PartServer { kind, _ in
                if kind == "part 5" { inbox.withLock { $0?() } }
                return nil
            }
        )
        let file = store.inbox.write(FileName("a"), content)
        let path = file.root + "/a"
        inbox.withLock { $0 = { append(to: path) } }
        #expect(try await store.upload(file, MemoryLedger()) == .changed)
        #expect(store.parts.holds([]))
    }

    @Test("goes on where parts are larger than memory allows, straight from the file")
    func largeParts() async throws {
        let store = PartStore(PartServer(), memory: 1_500_000)
        let file = store.inbox.write(FileName("a"), content)
        #expect(try await store.upload(file, MemoryLedger()).receipt?.integrity == .signed)
        #expect(store.parts.holds([content]))
    }

    @Test("gives all its memory back, also when it fails")
    func memory() async throws {
        let store = PartStore(PartServer { kind, _ in kind == "part 2" ? .closed : nil })
        let file = store.inbox.write(FileName("a"), content)
        #expect(try await store.upload(file, MemoryLedger()).failure != nil)
        // All of it can be taken at once, so none is held.
        #expect(await store.memory.take(store.memory.total))
    }
}

@Suite("An upload that nobody will finish (U9, C31)", .timeLimit(.minutes(3)))
struct UploadRemovalTests {
    @Test("is aborted, and gone once the store says so")
    func removed() async throws {
        let parts = PartServer { kind, _ in kind == "complete" ? .closed : nil }
        let store = PartStore(parts)
        let ledger = MemoryLedger()
        let file = store.inbox.write(FileName("a"), content)
        #expect(try await store.upload(file, ledger).failure != nil)
        #expect(parts.unfinished == 1)
        let remover = UploadRemover(channel: store.uploader.channel)
        let id = try #require(ledger.upload?.id)
        let signer = querySigner(port: store.server.port)
        #expect(try await remover.uploads(of: ObjectKey("key"), signer: signer) == [id])
        #expect(await remover.remove(ObjectKey("key"), upload: id, signer: signer) == nil)
        #expect(parts.unfinished == 0)
        // Once more does no harm.
        #expect(await remover.remove(ObjectKey("key"), upload: id, signer: signer) == nil)
    }
}
