// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Testing

@testable import Daemon

@Suite("Links whose files were taken away (on_remove)", .timeLimit(.minutes(2)))
final class RemovalKeeperTests: RemovalScene {
    @Test("are revoked, by name or with their folder, and come back as new files")
    func revoked() async throws {
        try await publish(["a", "b", "dir/c", "dir/sub/d", "dirt"])
        try folder.remove("inbox/a")
        try folder.remove("inbox/dir")
        try await look(at: ["a", "b", "dir", "dir/c"])
        #expect(try await ordered == ["a", "dir/c", "dir/sub/d"])
        #expect(try await known == ["b", "dirt"])
    }

    @Test("are kept where the template says nothing, or the file is there again")
    func kept() async throws {
        try await publish(["a", "b"])
        try await look(at: ["a", "b", "never"])
        #expect(try await ordered.isEmpty)
        template.retention.onRemove = .keep
        try folder.remove("inbox/a")
        try await look(at: ["a"])
        _ = try await missing.walk(template)
        #expect(try await ordered.isEmpty)
    }

    @Test("are found by the walk after a scan too, as after a stop of presignd")
    func walked() async throws {
        try await publish(["a", "b", "c"])
        try folder.remove("inbox/b")
        _ = try await missing.walk(template)
        #expect(try await ordered == ["b"])
        #expect(try await known == ["a", "c"])
    }

    @Test("are looked at beside a walk over many files that is under way")
    func besideWalk() async throws {
        // More than one step of a walk, which rests between them.
        try await publish((0..<300).map { "f\($0)" })
        try folder.remove("inbox/f7")
        let (isMissed, isLooked) = (Bell(), Bell())
        let missing = MissingFiles(
            queue: queue,
            logger: log.logger,
            removals: keeper,
            now: { start }
        ) { [presence] _ in
            // The walk finds it missing, and has to wait for a look to be through.
            if presence.count == 0 {
                presence.add(true)
                isMissed.ring()
                await isLooked.wait()
            }
            return true
        }
        let running = Task { await missing.run() }
        missing.walkSoon(template)
        await isMissed.wait()
        missing.lookSoon(at: [FileName("f7")], template)
        await orders.wait()
        isLooked.ring()
        running.cancel()
        await running.value
        #expect(try await ordered == ["f7"])
    }

    @Test("wait for a job of theirs that is under way, since its link may be about to be made")
    func underWay() async throws {
        try await publish(["a"])
        let job = Job.sample(try folder.settled("a", "changed"), template)
        _ = try await queue.add([job])
        try folder.remove("inbox/a")
        try await look(at: ["a"])
        #expect(try await ordered.isEmpty)
    }

    @Test("are all looked at where more went than is remembered by name")
    func manyHints() async throws {
        let clock = JumpClock()
        let keeper = RemovalKeeper(queue: queue, logger: log.logger, now: { clock.now }) {}
        for number in 0...RemovalKeeper.mostNames {
            keeper.hint([FileName("\(number)")], template: "inbox")
        }
        clock.advance(RemovalKeeper.grace)
        let (looks, writer) = AsyncStream<[FileName]?>.makeStream()
        let running = Task { await keeper.run { _, names in writer.yield(names) } }
        var iterator = looks.makeAsyncIterator()
        let look = try #require(await iterator.next())
        #expect(look == nil, "all, and not names")
        running.cancel()
        await running.value
    }
}
