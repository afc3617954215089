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
}
