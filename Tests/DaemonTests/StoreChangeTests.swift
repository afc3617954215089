// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Testing

@testable import Daemon
@testable import Transfer

func environmentValue(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

@Suite("An object whose link is out", .timeLimit(.minutes(3)))
struct StoreChangeTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
    }

    private static let text = "sent once"

    private func upload(
        _ store: Store,
        key: String = "{id}/{path}",
        onExists: OnExists = .fail,
        text: String = text
    ) async throws -> (Job, Receipt) {
        var template = try Template.sample(in: folder, key: key)
        template.onExists = onExists
        let file = try folder.settled("\u{e9} 50%+.txt", text)
        var job = Job.sample(file, template)
        job.id = UniqueID(at: WallClock.now())
        if key.contains("{id}") { job.key = ObjectKey("\(job.id)/\u{e9} 50%+.txt") }
        let ledger = PartLedger(
            load: { nil },
            save: { _ in },
            finish: { _, _ in },
            noteStray: { _ in }
        )
        let outcome = await store.upload(job, ledger: ledger, sent: SentBytes())
        guard case .uploaded(let receipt) = outcome else {
            throw Failure(.giveUp, code: "test", message: "\(outcome)")
        }
        return (job, receipt)
    }

    /// A link of a job as a reader has it.
    private func url(_ store: Store, _ job: Job, _ receipt: Receipt) async throws -> SignedURL {
        try await store.link(for: job, receipt, revision: 1, at: store.now).1
    }

    @Test("is removed, and its link serves nothing; twice is once", arguments: StoreHost.all)
    func removed(host: StoreHost) async throws {
        try await host.serve(in: folder) { store in
            let (job, receipt) = try await upload(store)
            let url = try await url(store, job, receipt)
            #expect(await store.look(at: url) == .serves(cached: false))
            #expect(try await store.delete(job, receipt) == .removed)
            #expect(await store.look(at: url) == .gone(status: 404))
            let again = try await store.delete(job, receipt)
            #expect(again == .removed || again == .wasGone)
        }
    }

    @Test(
        "is left alone where it is another's by now, or is gone",
        arguments: StoreHost.all
    )
    func replaced(host: StoreHost) async throws {
        try await host.serve(in: folder) { store in
            let (old, oldReceipt) = try await upload(
                store,
                key: "same/{path}",
                onExists: .overwrite
            )
            let (new, receipt) = try await upload(
                store,
                key: "same/{path}",
                onExists: .overwrite,
                text: "another"
            )
            #expect(try await store.delete(old, oldReceipt) == .replaced)
            let url = try await url(store, new, receipt)
            #expect(await store.look(at: url) == .serves(cached: false))
            let key = ObjectKey("\(UniqueID(at: WallClock.now()))")
            await #expect(throws: Failure.self) {
                try await store.copy(old, oldReceipt, to: key, as: old.id)
            }
            #expect(try await store.delete(new, receipt) == .removed)
            #expect(try await store.delete(new, receipt) == .wasGone)
        }
    }

    @Test(
        "is copied to another key with its headers; again, and without the source, the copy is found",
        arguments: StoreHost.all
    )
    func copied(host: StoreHost) async throws {
        try await host.serve(in: folder) { store in
            let (job, receipt) = try await upload(store)
            let id = UniqueID(at: WallClock.now())
            let key = ObjectKey("\(id)/\u{e9} 50%+.txt")
            let copy = try await store.copy(job, receipt, to: key, as: id)
            #expect(copy.size == receipt.size && copy.sha256 == receipt.sha256)
            #expect(copy.etag == receipt.etag && copy.contentType == receipt.contentType)
            var target = job
            target.id = id
            target.key = key
            let url = try await url(store, target, copy)
            #expect(await store.prover.prove(url, of: key, receipt: copy) == nil)
            // The answer was lost.
            #expect(try await store.copy(job, receipt, to: key, as: id).etag == copy.etag)
            #expect(try await store.delete(job, receipt) == .removed)
            #expect(try await store.copy(job, receipt, to: key, as: id).etag == copy.etag)
            #expect(await store.look(at: url) == .serves(cached: false))
            // Another's copy under the same key is no copy of ours.
            let other = ObjectKey("\(UniqueID(at: WallClock.now()))")
            let failure = await #expect(throws: Failure.self) {
                try await store.copy(job, receipt, to: other, as: id)
            }
            #expect(failure?.code == "object-gone", "\(String(describing: failure))")
        }
    }

    @Test("is left alone where it was another's from the first (skip-if-same)")
    func others() async throws {
        try await StoreHost.embedded.serve(in: folder) { store in
            let (first, _) = try await upload(store, key: "same/{path}")
            let (job, receipt) = try await upload(
                store,
                key: "same/{path}",
                onExists: .skipIfSame
            )
            #expect(job.key == first.key && job.id != first.id)
            #expect(try await store.delete(job, receipt) == .replaced)
            #expect(try await store.delete(first, receipt) == .removed)
        }
    }

    @Test("is not copied above what one request copies, and is told what to do instead")
    func tooLarge() async throws {
        try await StoreHost.embedded.serve(in: folder) { store in
            var (job, receipt) = try await upload(store)
            receipt.size = 5 << 30 + 1
            job.template.name = "inbox"
            let failure = await #expect(throws: Failure.self) {
                try await store.copy(job, receipt, to: ObjectKey("k"), as: job.id)
            }
            #expect(failure?.code == "too-large-to-copy" && failure?.advice == .giveUp)
            #expect(failure?.message.contains("Use `--strategy delete`") == true)
        }
    }

    @Test("loses the version that was sent, and no other", arguments: StoreHost.versioned)
    func version(host: StoreHost) async throws {
        try await host.serve(in: folder, versioned: true) { store in
            let (old, oldReceipt) = try await upload(
                store,
                key: "same/{path}",
                onExists: .overwrite
            )
            let (new, receipt) = try await upload(
                store,
                key: "same/{path}",
                onExists: .overwrite,
                text: "another"
            )
            let oldURL = try await url(store, old, oldReceipt)
            let newURL = try await url(store, new, receipt)
            #expect(await store.look(at: oldURL) == .serves(cached: false))
            let key = ObjectKey("\(new.id)")
            let copy = try await store.copy(old, oldReceipt, to: key, as: new.id)
            #expect(copy.etag == oldReceipt.etag && copy.versionID != nil)
            #expect(try await store.delete(old, oldReceipt) == .removed)
            #expect(await store.look(at: oldURL) == .gone(status: 404))
            #expect(await store.look(at: newURL) == .serves(cached: false))
            // Without its id only a marker can be set, and that is what is said.
            var unknown = receipt
            unknown.versionID = nil
            #expect(try await store.delete(new, unknown) == .hidden)
        }
    }
}
