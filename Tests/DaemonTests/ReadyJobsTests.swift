// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Daemon

@Suite("Ready jobs")
struct ReadyJobsTests {
    private let folder: TemporaryFolder
    private let template: Template

    init() throws {
        folder = try TemporaryFolder()
        template = try Template.sample(in: folder)
    }

    private func job(_ name: String, _ step: Step = .upload, size: Int64 = 4) -> Job {
        let stamp = FileStamp(size: size, modified: start, changed: start, inode: 1)
        let file = SettledFile(root: template.watch, name: FileName(name), stamp: stamp)
        var job = Job.sample(file, template)
        job.step = step
        return job
    }

    @Test("start in the order they were claimed")
    func order() {
        var ready = ReadyJobs()
        ready.add([job("a"), job("b")])
        ready.add([job("c")])
        #expect(ready.count == 3)
        let started = (0..<4).map { _ in ready.next { _ in true }?.file.name }
        #expect(started == [FileName("a"), FileName("b"), FileName("c"), nil])
        #expect(ready.count == 0)
    }

    @Test("that need no place for moving bytes are not held up by those that do")
    func lines() {
        var ready = ReadyJobs()
        ready.add([job("a"), job("b", .publish)])
        #expect(ready.next { $0.step == .publish }?.file.name == FileName("b"))
        #expect(ready.next { $0.step == .publish } == nil)
        #expect(ready.count == 1)
    }

    @Test("that are small are not held up by large ones, nor the other way round")
    func sizes() {
        var ready = ReadyJobs()
        ready.add([job("large", size: 1 << 30), job("small")])
        #expect(ready.next { $0.file.stamp.size < 1_000 }?.file.name == FileName("small"))
        ready.add([job("small")])
        #expect(ready.next { $0.file.stamp.size > 1_000 }?.file.name == FileName("large"))
    }

    /// A job of another template.
    private func job(_ name: String, of other: String, size: Int64 = 4) -> Job {
        var job = job(name, size: size)
        job.template.name = other
        return job
    }

    @Test("go by the share that their template has of the places, three to one by weight (Q6)")
    func shares() {
        var ready = ReadyJobs()
        ready.add((0..<40).map { job("\($0)", of: "slow") })
        ready.add((0..<40).map { job("\($0)", of: "fast") })
        let rules = ["fast": Queueing(weight: 3)]
        var taken: [String: Int] = [:]
        for _ in 0..<40 {
            let next = ready.next(taken: taken, rules: rules) { _ in true }
            if let next { taken[next.template.name, default: 0] += 1 }
        }
        #expect(taken == ["slow": 10, "fast": 30])
    }

    @Test("of one template go in its order, large or small (Q6)")
    func orders() {
        let sizes: [Int64] = [1 << 20, 10, 1 << 30, 5]
        let starts: (QueueOrder) -> [Int64] = { order in
            var ready = ReadyJobs()
            // Only heads of lanes are compared; a claim brings each lane in order.
            for (index, size) in sizes.enumerated() {
                var job = job("\(size)", size: size)
                job.id = UniqueID(at: start + .seconds(Int64(index)))
                ready.add([job])
            }
            let rules = [template.name: Queueing(order: order)]
            return (0..<4).compactMap { _ in
                ready.next(rules: rules) { _ in true }?.file.stamp.size
            }
        }
        #expect(starts(.oldest) == sizes)
        #expect(starts(.smallest) == [10, 5, 1 << 20, 1 << 30])
    }

    @Test("are given back all together")
    func all() {
        var ready = ReadyJobs()
        ready.add([job("a"), job("b", .publish), job("c", size: 1 << 30)])
        #expect(ready.removeAll().count == 3)
        #expect(ready.count == 0 && ready.counts.isEmpty)
    }
}
