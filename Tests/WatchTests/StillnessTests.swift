// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Testing

@testable import Watch

@Suite("Whether more of a folder is to come", .timeLimit(.minutes(2)))
struct StillnessTests {
    @Test("a folder is busy while a file beneath it settles, and others are not")
    func busy() async throws {
        let ground = try Playground()
        try ground.makeFolder("drop")
        try ground.makeFolder("drop/deep")
        try ground.makeFolder("drop-2")
        let watching = try Watching()
        try await watching.watchAndScan(ground.path)
        let file = try ground.open(FileName("drop/deep/a"))
        let watcher = watching.watcher
        // The event may not have been read yet.
        while await watcher.stillness(beneath: FileName("drop"), template: "inbox") != .busy {
            await Task.yield()
        }
        #expect(await watcher.stillness(beneath: FileName("drop-2"), template: "inbox") == .still)
        #expect(await watcher.stillness(beneath: FileName("d"), template: "inbox") == .still)
        #expect(await watcher.stillness(beneath: FileName("d"), template: "x") == .notWatched)
        try ground.append("content", to: file)
        close(file)
        _ = try await watching.settled(1)
        #expect(await watcher.stillness(beneath: FileName("drop"), template: "inbox") == .still)
        #expect(watcher.mark(7))
        let mark = try await watching.wait { $0 == .mark(7) }
        #expect(mark == .mark(7))
    }

    @Test("nobody knows of a root that is away")
    func away() async throws {
        let ground = try Playground()
        let watching = try Watching()
        watching.watch(ground.path + "/nowhere")
        let watcher = watching.watcher
        #expect(await watcher.stillness(beneath: FileName("drop"), template: "inbox") == .away)
    }
}
