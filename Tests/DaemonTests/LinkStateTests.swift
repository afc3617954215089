// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Queue
import Testing

@testable import Daemon

@Suite("The state of a link, as people are shown it")
struct LinkStateTests {
    private static func record(
        _ ended: LinkEvent.Kind? = nil,
        isGone: Bool = false
    ) throws -> LinkRecord {
        let moment = Timestamp(seconds: 1_795_000_000)
        let stamp = FileStamp(size: 4, modified: moment, changed: moment, inode: 1)
        let file = SettledFile(root: "/srv/inbox", name: FileName("a.txt"), stamp: stamp)
        let job = Job.sample(file, try .sample(in: TemporaryFolder()))
        var record = LinkRecord(job: job, link: .sample(of: job))
        record.ended = ended
        record.isGone = isGone
        return record
    }

    @Test("is usable, expiring with less than a fifth left, then expired, whoever saw it expire")
    func time() throws {
        let record = try Self.record()
        let (end, life) = (record.link.expiresAt, Int64(record.link.expiresIn))
        #expect(record.state(at: record.link.issuedAt) == .usable)
        #expect(record.state(at: end - .seconds(life / 5)) == .usable)
        #expect(record.state(at: end - .seconds(life / 5 - 1)) == .expiring)
        #expect(record.state(at: end - .seconds(1)) == .expiring)
        #expect(record.state(at: end) == .expired)
        #expect(try Self.record(.expired).state(at: record.link.issuedAt) == .expired)
    }

    @Test("is what ended it, also after its time")
    func ended() throws {
        let record = try Self.record(.revoked)
        #expect(record.state(at: record.link.issuedAt) == .revoked)
        #expect(record.state(at: record.link.expiresAt) == .revoked)
        #expect(try Self.record(.superseded).state(at: record.link.issuedAt) == .superseded)
    }

    @Test("is that it is being revoked once that is ordered, and no URL is made any more")
    func ordered() throws {
        var record = try Self.record()
        record.isOrdered = true
        #expect(record.state(at: record.link.issuedAt) == .revoking)
        #expect(record.state(at: record.link.expiresAt) == .expired)
        #expect(record.refusal?.contains("is being revoked, so no URL is made for it") == true)
    }

    @Test("says why no URL is made, and what to do")
    func refusal() throws {
        #expect(try Self.record().refusal == nil)
        #expect(try Self.record(.expired).refusal == nil, "its object is there")
        let deleted = try #require(try Self.record(.revoked, isGone: true).refusal)
        #expect(deleted.contains("was revoked, and its object is gone"))
        #expect(deleted.contains("a.txt") && deleted.contains("`presignd upload --again PATH`"))
        let withdrawn = try #require(try Self.record(.revoked).refusal)
        #expect(withdrawn.contains("its object was left where it is"))
        let expired = try #require(try Self.record(.expired, isGone: true).refusal)
        #expect(expired.contains("has expired, and its object was deleted since"))
        let superseded = try #require(try Self.record(.superseded, isGone: true).refusal)
        #expect(superseded.contains("newer content of the file is under its key"))
    }
}
