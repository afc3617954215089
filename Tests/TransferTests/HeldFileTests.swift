// SPDX-License-Identifier: Apache-2.0
import Glibc
import Jobs
import Testing

@testable import Transfer

@Suite("A file that may not be sent (security rules 1 to 4)", .timeLimit(.minutes(3)))
struct HeldFileTests {
    private static let answer: StoreServer.Script = { exchange, _ in
        Reply(headers: [Good.opaque, Good.checksum(exchange.body())])
    }

    private func outcome(
        _ store: borrowing TestStore,
        _ file: SettledFile,
        key: String = "{id}/{path}",
        _ change: (inout HoldRules) -> Void = { _ in }
    ) async throws -> Outcome {
        var job = try job(file)
        job.template.key = try KeyTemplate(key)
        change(&job.template.filter.holds)
        return await store.uploader.upload(job, signer: signer(port: store.server.port))
    }

    @Test("has a second name, and nothing of it leaves")
    func hardLink() async throws {
        let store = TestStore(Self.answer)
        store.inbox.write(FileName("a"), [1, 2])
        store.inbox.addName(FileName("b"), to: FileName("a"))
        let file = store.inbox.settled(FileName("b"))
        #expect(try await outcome(store, file).failure?.code == "hard-link")
        #expect(store.server.requests.isEmpty)
        #expect(try await outcome(store, file, { $0.hardLinks = .allow }).receipt?.size == 2)
    }

    @Test("was swapped for another's file by a second name since it was looked at")
    func swapped() async throws {
        let store = TestStore(Self.answer)
        store.inbox.write(FileName("secret"), [9, 9])
        let file = store.inbox.write(FileName("a"), [1, 2])
        store.inbox.addName(FileName("x"), to: FileName("secret"))
        store.inbox.move(FileName("x"), over: FileName("a"))
        #expect(try await outcome(store, file) == .changed)
        #expect(
            try await outcome(store, store.inbox.settled(FileName("a"))).failure?.code
                == "hard-link"
        )
        #expect(store.server.requests.isEmpty)
    }

    @Test("belongs to a user who is not named")
    func owner() async throws {
        let store = TestStore(Self.answer)
        let file = store.inbox.write(FileName("a"), [1])
        #expect(
            try await outcome(store, file, { $0.owners = [getuid() + 1] }).failure?.code == "owner"
        )
        #expect(try await outcome(store, file, { $0.owners = [getuid()] }).receipt != nil)
    }

    @Test("is a giant of holes")
    func sparse() async throws {
        let store = TestStore(Self.answer)
        store.inbox.write(FileName("a"), [])
        store.inbox.cut(FileName("a"), to: 2 << 30)
        #expect(
            try await outcome(store, store.inbox.settled(FileName("a"))).failure?.code == "sparse"
        )
        #expect(store.server.requests.isEmpty)
    }

    @Test(
        "holds a private key, whether it is read at once or while it is sent",
        arguments: [0, 9 << 20]
    )
    func secret(more: Int) async throws {
        let store = TestStore(Self.answer)
        let text =
            Array("-----BEGIN PRIVATE KEY-----\n".utf8) + [UInt8](repeating: 0x0a, count: more)
        let file = store.inbox.write(FileName("a.txt"), text)
        let failure = try await outcome(store, file).failure
        #expect(failure?.code == "secret" && failure?.advice == .hold)
        #expect(store.server.requests.isEmpty)
        #expect(try await outcome(store, file, { $0.secrets = .send }).receipt != nil)
    }

    @Test("is a FIFO without a writer, a socket or a device, for which nobody waits")
    func special() async throws {
        let store = TestStore(Self.answer)
        store.inbox.pipe(FileName("pipe"))
        store.inbox.node(FileName("socket"), S_IFSOCK | 0o600)
        var names = ["pipe", "socket"]
        if store.inbox.node(FileName("null"), S_IFCHR | 0o600, 1 << 8 | 3) { names.append("null") }
        for name in names {
            let failure = try await outcome(store, store.inbox.settled(FileName(name))).failure
            #expect(failure?.code == "not-a-file", "\(name): \(String(describing: failure))")
        }
        #expect(store.server.requests.isEmpty)
    }

    @Test("has other bytes than its key says, which were hashed when it was queued")
    func digestInKey() async throws {
        let store = TestStore(Self.answer)
        for size in [3, 9 << 20] {
            let file = store.inbox.write(FileName("a\(size)"), noise(size))
            #expect(try await outcome(store, file, key: "{sha256}/{path}") == .changed)
            guard case .sha256(let digest) = await SettledDigest(of: file) else {
                Issue.record("it cannot be hashed")
                continue
            }
            var job = try job(file)
            job.template.key = try KeyTemplate("{sha256}")
            job.key = ObjectKey(digest.hex)
            let end = await store.uploader.upload(job, signer: signer(port: store.server.port))
            #expect(end.receipt?.sha256 == digest)
        }
    }
}
