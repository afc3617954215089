// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Daemon

@Suite("A link that is revoked")
struct RekeyingTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
    }

    private func job(key: (UniqueID) -> String) throws -> Job {
        var job = Job.sample(try folder.settled("a b.pdf", "x"), try .sample(in: folder))
        job.key = ObjectKey(key(job.id))
        return job
    }

    @Test("by rekey gets a key that follows from its id and revision, and never the same again")
    func keys() throws {
        var job = try job { "\($0)/d/a b.pdf" }
        #expect(job.rekeyed(for: 2) == ObjectKey("\(job.id)-2/d/a b.pdf"))
        #expect(job.rekeyed(for: 2) == job.rekeyed(for: 2))
        job.key = job.rekeyed(for: 2)
        #expect(job.rekeyed(for: 3) == ObjectKey("\(job.id)-3/d/a b.pdf"))
        let plain = try self.job { _ in "scans/a b.pdf" }
        #expect(plain.rekeyed(for: 2) == ObjectKey("\(plain.id)-2/scans/a b.pdf"))
        let alone = try self.job { "\($0)" }
        #expect(alone.rekeyed(for: 2) == ObjectKey("\(alone.id)-2"))
        let glued = try self.job { "\($0).pdf" }
        #expect(glued.rekeyed(for: 2) == ObjectKey("\(glued.id)-2/\(glued.id).pdf"))
        let long = try self.job { _ in String(repeating: "k/", count: 512) }
        #expect(long.rekeyed(for: 2) == ObjectKey("\(long.id)-2/a b.pdf"))
    }

    @Test("is tried again later each time; what cannot be copied is given up, a deletion never")
    func pauses() {
        let lock = Failure(.giveUp, code: "BlobImmutable", message: "")
        #expect(LinkRevoker.pause(after: .network, tries: 0) == .seconds(5))
        #expect(LinkRevoker.pause(after: .network, tries: 1) == .seconds(10))
        #expect(LinkRevoker.pause(after: .network, tries: 99) == .seconds(600))
        #expect(LinkRevoker.pause(after: lock, tries: 99) == .seconds(10_240))
        let wish = Failure(.throttle(after: .seconds(77)), code: "SlowDown", message: "")
        #expect(LinkRevoker.pause(after: wish, tries: 0) == .seconds(77))
        #expect(LinkRevoker.isFinal(lock, .rekeying))
        #expect(!LinkRevoker.isFinal(.network, .rekeying))
        #expect(!LinkRevoker.isFinal(lock, .deletion))
    }
}
