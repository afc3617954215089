// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Jobs
import Testing

@testable import Queue

@Suite("A full disk (Q8)", .timeLimit(.minutes(2)))
struct FullDiskTests {
    @Test("mounting is tried, or the run says that it is not")
    func present() {
        if !SmallDisk.isAllowed { print("skipped: a full disk under the queue, which needs root") }
    }

    @Test(
        "what is under way is recorded, nothing new is begun, and with room it goes on by itself",
        .enabled(if: SmallDisk.isAllowed)
    )
    func full() async throws {
        let disk = try SmallDisk(megabytes: 24)
        defer { disk.end() }
        let queue = try Queue.open(folder: disk.path, at: start, hasReserve: true)
        #expect(disk.has("reserve") && !queue.isDiskFull)
        let names = (0..<200).map { "file \($0)" }
        let template = try Template.sample()
        let jobs = names.map { Job.sample($0, template: template) }
        _ = try await queue.add(jobs)
        let claimed = try await queue.claim(100, at: start)
        #expect(claimed.count == 100)

        try disk.fill()
        for job in claimed {
            try await queue.record(.publish(.sample()), of: job, at: start)
        }
        #expect(queue.isDiskFull && !disk.has("reserve"))
        var alarms = queue.fullDisks.makeAsyncIterator()
        #expect(await alarms.next() != nil, "who waits for it need not look again and again")
        let late = Job.sample("late", template: template)
        let isFull = QueueError.diskFull(path: disk.path + "/queue.sqlite")
        await #expect(throws: isFull) { try await queue.add([late]) }
        await #expect(throws: isFull) { try await queue.claim(1, at: start) }
        #expect(try await queue.counts() == JobCounts(waiting: 200))
        #expect(!queue.lookForRoom(), "what is left of the reserve is not room")

        try disk.empty()
        #expect(queue.lookForRoom())
        #expect(!queue.isDiskFull && disk.has("reserve"))
        #expect(try await queue.add([late]) == [.added])
        #expect(try await queue.claim(500, at: start).count == 201)
        await queue.close()
    }

    @Test(
        "what is taken in together with what ends is refused, and the end is recorded",
        .enabled(if: SmallDisk.isAllowed)
    )
    func together() async throws {
        let disk = try SmallDisk(megabytes: 24)
        defer { disk.end() }
        let queue = try Queue.open(folder: disk.path, at: start, hasReserve: true)
        let template = try Template.sample()
        let job = Job.sample("a", template: template)
        _ = try await queue.add([job])
        _ = try await queue.claim(1, at: start)
        try disk.fill()
        await withTaskGroup { group in
            group.addTask {
                do throws(QueueError) {
                    try await queue.record(.publish(.sample()), of: job, at: start)
                } catch {
                    Issue.record("what is under way was not recorded: \(error)")
                }
            }
            for number in 0..<50 {
                let more = (0..<500).map { Job.sample("\(number)/\($0)", template: template) }
                group.addTask { _ = try? await queue.add(more) }
            }
        }
        #expect(queue.isDiskFull)
        let record = try #require(try await queue.jobs(JobFilter(id: job.id)).first)
        #expect(record.job.step == .publish)
        #expect(try await queue.counts().waiting < 25_000)
        await queue.close()
    }

    @Test("a disk that is full at the start opens what is there", .enabled(if: SmallDisk.isAllowed))
    func atStart() async throws {
        let disk = try SmallDisk(megabytes: 24)
        defer { disk.end() }
        var queue = try Queue.open(folder: disk.path, at: start, hasReserve: true)
        _ = try await queue.add([.sample("a", template: .sample())])
        _ = try await queue.claim(1, at: start)
        await queue.close()
        try disk.fill()
        queue = try Queue.open(folder: disk.path, at: start, hasReserve: true)
        #expect(queue.rescued == 1)
        await queue.close()
    }
}

/// A file system in memory that is soon full.
struct SmallDisk {
    private typealias MountCall =
        @convention(c) (
            UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafePointer<CChar>, UInt,
            UnsafePointer<CChar>
        ) -> Int32
    private typealias UnmountCall = @convention(c) (UnsafePointer<CChar>, Int32) -> Int32

    private let folder: TemporaryFolder
    var path: String { folder.path }

    static let isAllowed: Bool = {
        guard let disk = try? SmallDisk(megabytes: 1) else { return false }
        disk.end()
        return true
    }()

    init(megabytes: Int) throws {
        folder = try TemporaryFolder()
        // Swift's Glibc module leaves the calls out, so they are looked up.
        guard let symbol = unsafe dlsym(nil, "mount") else { throw POSIXError(.ENOSYS) }
        let call = unsafe unsafeBitCast(symbol, to: MountCall.self)
        let code = unsafe call("presignd-test", path, "tmpfs", 0, "size=\(megabytes)m")
        guard code == 0 else { throw POSIXError(.EPERM) }
    }

    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

    /// Fills it to the last page.
    func fill() throws {
        let descriptor = unsafe open("\(path)/filler", O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        let page = [UInt8](repeating: 1, count: 4_096)
        while unsafe write(descriptor, page, page.count) > 0 {}
        try #require(errno == ENOSPC)
    }

    func empty() throws { try FileManager.default.removeItem(atPath: "\(path)/filler") }

    /// Unmounts it, even while it is in use (MNT_DETACH).
    func end() {
        guard let symbol = unsafe dlsym(nil, "umount2") else { return }
        _ = unsafe unsafeBitCast(symbol, to: UnmountCall.self)(path, 2)
    }
}
