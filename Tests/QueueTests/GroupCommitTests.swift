// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("Many calls at once")
struct GroupCommitTests {
    @Test("a call that fails does not harm those that share its transaction")
    func neighbours() async throws {
        let fixture = try Fixture()
        let queue = fixture.queue
        let template = try Template.sample()
        let results = await withTaskGroup(of: Result<Int, QueueError>.self) { group in
            for number in 0..<200 {
                group.addTask {
                    await Self.result { () async throws(QueueError) in
                        try await queue.perform { (session) throws(QueueError) in
                            let job = Job.sample("\(number)", template: template)
                            _ = try session.admit(NewJob(job))
                            // Every tenth call writes a row and then one that must not be.
                            if number.isMultiple(of: 10) {
                                try session.execute(script: "INSERT INTO tally VALUES (9, 9)")
                            }
                            return number
                        }
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let failed = results.filter { if case .failure(.refused) = $0 { true } else { false } }
        #expect(failed.count == 20)
        #expect(try await queue.counts() == JobCounts(waiting: 180))
        let names = Set(try await queue.jobs(limit: 500).map(\.job.file.name))
        #expect(names == Set((0..<200).filter { $0 % 10 != 0 }.map { FileName("\($0)") }))
    }

    @Test("Q1: sixty-four tasks take files through every step, and every sum is right at the end")
    func stress() async throws {
        let fixture = try Fixture()
        let queue = fixture.queue
        let template = try Template.sample()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<64 {
                group.addTask {
                    for number in 0..<10 {
                        let job = Job.sample("\(task)/\(number)", template: template)
                        _ = try await queue.add([job])
                        for var claimed in try await queue.claim(2, at: start) {
                            try await queue.record(
                                .publish(.sample()),
                                of: claimed,
                                at: start,
                                keeping: true
                            )
                            claimed.receipt = .sample()
                            let link = NewLink(.sample(of: claimed), for: claimed)
                            let events = try await queue.issue([link])
                            try await queue.confirm(events[0], at: start)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await queue.counts() == JobCounts(done: 640))
        let events = try await queue.deliveries(to: "links", after: 0)
        #expect(events.map(\.sequence) == Array(1...640))
        #expect(Set(events.map(\.job?.id)).count == 640)
        await queue.close()
        let reopened = try fixture.folder.open()
        #expect(reopened.rescued == 0)
        #expect(try await reopened.counts() == JobCounts(done: 640))
        await reopened.close()
    }

    @Test("Q8: a full disk is said so, and loses nothing that was saved")
    func diskFull() async throws {
        let fixture = try Fixture()
        let queue = fixture.queue
        let template = try Template.sample()
        _ = try await queue.add([Job.sample("before", template: template)])
        try await queue.perform { (session) throws(QueueError) in
            let pages = try session.number("PRAGMA page_count") ?? 0
            _ = try session.number("PRAGMA max_page_count = \(pages + 20)")
        }
        let results = await withTaskGroup(of: (String, Result<[Admission], QueueError>).self) {
            group in
            for number in 0..<1_000 {
                group.addTask {
                    let job = Job.sample("\(number)", template: template)
                    let result = await Self.result { () async throws(QueueError) in
                        try await queue.add([job])
                    }
                    return ("\(number)", result)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let path = fixture.folder.path + "/queue.sqlite"
        let refused = results.filter { $0.1 == .failure(.diskFull(path: path)) }
        let saved = results.filter { $0.1 == .success([.added]) }
        #expect(!refused.isEmpty)
        #expect(refused.count + saved.count == 1_000)
        let expected = Set(saved.map(\.0)).union(["before"])
        let crashed = try fixture.folder.copy().open()
        for queue in [queue, crashed] {
            let names = try await queue.jobs(limit: 2_000).map(\.job.file.name.description)
            #expect(Set(names) == expected)
            #expect(try await queue.counts() == JobCounts(waiting: expected.count))
        }
        try await queue.perform { (session) throws(QueueError) in
            _ = try session.number("PRAGMA max_page_count = 1000000")
        }
        let job = Job.sample("after", template: template)
        #expect(try await queue.add([job]) == [.added])
    }

    private static func result<T: Sendable>(
        _ body: @Sendable () async throws(QueueError) -> T
    ) async -> Result<T, QueueError> {
        do throws(QueueError) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
