// SPDX-License-Identifier: Apache-2.0
import Foundation
import Jobs
import Testing

@testable import Queue

@Suite("Opening a queue")
struct OpeningTests {
    @Test("commits are synced to the disk before they count: synchronous is FULL, journal is WAL")
    func durability() async throws {
        let fixture = try Fixture()
        let synchronous = try await fixture.queue.perform { (session) throws(QueueError) in
            try session.number("PRAGMA synchronous")
        }
        let journal = try await fixture.queue.perform { (session) throws(QueueError) in
            try session.prepare("PRAGMA journal_mode").one { row in row.text(0) }
        }
        #expect(synchronous == 2)
        #expect(journal == "wal")
    }

    @Test("other users cannot read any of its files")
    func permissions() async throws {
        let fixture = try Fixture()
        try await fixture.queued("a.pdf")
        let names = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path)
        #expect(Set(names).isSuperset(of: ["queue.sqlite", "queue.sqlite-wal"]))
        for name in names {
            let path = fixture.folder.path + "/" + name
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(name)")
        }
    }

    @Test("a database of a newer presignd is refused and left as it is")
    func newerSchema() async throws {
        let fixture = try Fixture()
        let job = try await fixture.queued("a.pdf")
        try await fixture.queue.perform { (session) throws(QueueError) in
            _ = try session.number("PRAGMA user_version = 99")
        }
        await fixture.queue.close()
        let error = try #require(throws: QueueError.self) { try fixture.folder.open() }
        let path = fixture.folder.path + "/queue.sqlite"
        #expect(error == .newerSchema(path: path, found: 99, known: Schema.steps.count))
        #expect("\(error)".contains("newer presignd"))
        #expect(try Data(contentsOf: URL(filePath: path)).range(of: Data(job.id.bytes)) != nil)
    }

    @Test("a second opening is refused while the first lasts")
    func exclusive() async throws {
        let fixture = try Fixture()
        #expect(throws: QueueError.inUse(path: fixture.folder.path + "/queue.sqlite")) {
            try fixture.folder.open()
        }
        await fixture.queue.close()
        try await fixture.folder.open().close()
    }

    @Test("a folder that is missing, and a file that is no database, are said so")
    func notThere() throws {
        let folder = try TemporaryFolder()
        #expect(throws: QueueError.self) {
            try Queue.open(folder: folder.path + "/missing", at: start)
        }
        let path = folder.path + "/queue.sqlite"
        try Data(repeating: 0x41, count: 8_192).write(to: URL(filePath: path))
        let error = try #require(throws: QueueError.self) { try folder.open() }
        guard case .damaged = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test("after close every call is refused, and what was saved is there at the next opening")
    func closing() async throws {
        let fixture = try Fixture()
        let job = try await fixture.queued("a.pdf")
        await fixture.queue.close()
        await #expect(throws: QueueError.closed) { try await fixture.queue.counts() }
        let queue = try fixture.folder.open()
        #expect(try await queue.jobs().map(\.job) == [job])
        await queue.close()
    }

    @Test("the plans of the hot queries use the indexes made for them")
    func plans() async throws {
        let fixture = try Fixture()
        func plan(_ sql: String) async throws -> String {
            try await fixture.queue.perform { (session) throws(QueueError) in
                var lines: [String] = []
                try session.prepare("EXPLAIN QUERY PLAN " + sql).each { lines.append($0.text(3)) }
                return lines.joined(separator: "; ")
            }
        }
        for sql in [SQL.selectDue, .selectNewest] {
            let due = try await plan(sql.text)
            #expect(due.contains("job_ready (lane=? AND due<?)"))
            #expect(!due.contains("TEMP B-TREE"))
        }
        let visits: [(SQL, SQL, index: String)] = [
            (.selectKeptDue, .selectNextKept, "link_kept"),
            (.selectLapsedDue, .selectNextLapsed, "link_retained"),
            (.selectDueOrders, .selectNextOrder, "link_ordered"),
        ]
        for (due, next, index) in visits {
            let page = try await plan(due.text)
            #expect(page.contains("\(index) (store=? AND visit_at>? AND visit_at<?)"), "\(page)")
            #expect(!page.contains("TEMP B-TREE") && !page.contains("SCAN"), "\(page)")
            let first = try await plan(next.text)
            #expect(first.contains("\(index) (store=? AND visit_at>?)"), "\(first)")
            #expect(!first.contains("TEMP B-TREE"), "\(first)")
        }
        let ranked = try await plan(SQL.selectRanked.text)
        #expect(ranked.contains("job_ranked (lane=?") && !ranked.contains("TEMP B-TREE"))
        #expect(try await plan(SQL.selectRetold.text).contains("job_retold (lane=? AND due<?)"))
        #expect(try await plan(SQL.selectLive.text).contains("job_path (<expr>=?)"))
        #expect(try await plan(SQL.selectKey.text).contains("job_key (store=? AND key=?)"))
        #expect(try await plan(SQL.selectOpen.text).contains("delivery_open (sink=? AND seq>?)"))
    }
}
