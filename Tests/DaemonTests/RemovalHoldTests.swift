// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Testing

@testable import Daemon

@Suite("Links whose files were taken away in an accident (on_remove)", .timeLimit(.minutes(2)))
final class RemovalHoldTests: RemovalScene {
    @Test("are kept while their folder is not there, and held when it is back without them")
    func away() async throws {
        try await publish(["a", "b"])
        try folder.move("inbox/a", to: "elsewhere")
        presence.add(false)
        try await look(at: ["a"])
        #expect(try await ordered.isEmpty)
        try await keeper.folderLeft("inbox")
        presence.add(true)
        _ = try await missing.walk(template)
        #expect(try await ordered.isEmpty)
        #expect(keeper.problems(of: [template]).first?.contains("1 file is missed") == true)
        try folder.move("elsewhere", to: "inbox/a")
        _ = try await missing.walk(template)
        #expect(keeper.problems(of: [template]).isEmpty)
        #expect(try await known == ["a", "b"])
    }

    @Test("more than twenty at once are held, one warning says so, and a release carries them out")
    func many() async throws {
        let names = (0..<300).map { "f\($0)" }
        try await publish(names + ["stays"])
        for name in names { try folder.remove("inbox/\(name)") }
        try await look(at: Array(names.prefix(21)))
        try await look(at: names)
        _ = try await missing.walk(template)
        #expect(try await ordered.isEmpty)
        #expect(log.all.filter { $0.contains("their links are kept") }.count == 1)
        #expect(keeper.problems(of: [template]).first?.contains("300 files are missed") == true)
        #expect(try await known.count == 301)
        #expect(try await keeper.release("inbox") == 300)
        _ = try await missing.walk(template)
        #expect(try await ordered.count == 300)
        #expect(try await known == ["stays"])
        #expect(try await keeper.release("inbox") == nil)
    }

    @Test("are held when not one file is there, though others are known to have gone before")
    func allGone() async throws {
        try await publish(["a", "b"])
        // Its link is long over.
        let old = try folder.settled("old", "old")
        try await queue.remember([(old, sha256: nil)], template: "inbox")
        try folder.remove("inbox/old")
        _ = try await missing.walk(template)
        #expect(try await known == ["a", "b", "old"])
        for name in ["a", "b"] { try folder.remove("inbox/\(name)") }
        _ = try await missing.walk(template)
        #expect(try await ordered.isEmpty)
        #expect(try await queue.removalHolds()["inbox"]?.reason == .allGone)
    }

    @Test("are held over a restart, until a person releases them or the files are back")
    func restart() async throws {
        let names = (0..<21).map { "f\($0)" }
        try await publish(names + ["stays"])
        for name in names { try folder.move("inbox/\(name)", to: "away-\(name)") }
        try await look(at: names)
        let next = RemovalKeeper(queue: queue, logger: log.logger, now: { start }) {}
        let nextMissing = MissingFiles(
            queue: queue,
            logger: log.logger,
            removals: next,
            now: { start }
        ) { _ in true }
        try await next.restore()
        #expect(next.problems(of: [template]).first?.contains("21 files are missed") == true)
        // Few of them come back: what is missing then would be no accident by itself.
        for name in names.dropLast() { try folder.move("away-\(name)", to: "inbox/\(name)") }
        _ = try await nextMissing.walk(template)
        #expect(try await ordered.isEmpty)
        #expect(try await queue.removalHolds()["inbox"]?.files == 1)
        #expect(try await next.release("inbox") == 1)
        _ = try await nextMissing.walk(template)
        #expect(try await ordered == ["f20"])
        #expect(try await queue.removalHolds().isEmpty)
    }

    @Test("are held after a restart too when their folder was away before it, however few they are")
    func awayBeforeRestart() async throws {
        try await publish(["a", "stays"])
        try await keeper.folderLeft("inbox")
        #expect(keeper.problems(of: [template]).isEmpty, "nothing is missed yet")
        try folder.remove("inbox/a")
        let next = RemovalKeeper(queue: queue, logger: log.logger, now: { start }) {}
        try await next.restore()
        let missing = MissingFiles(queue: queue, logger: log.logger, removals: next) { _ in true }
        _ = try await missing.walk(template)
        #expect(try await ordered.isEmpty)
        #expect(next.problems(of: [template]).first?.contains("folder itself was away") == true)
        try folder.write("a", to: "inbox/a")
        _ = try await missing.walk(template)
        #expect(try await queue.removalHolds().isEmpty)
    }

    @Test("that were released are carried out by the next process, if this one does not come to it")
    func releasedBeforeCrash() async throws {
        let names = (0..<21).map { "f\($0)" }
        try await publish(names + ["stays"])
        for name in names { try folder.remove("inbox/\(name)") }
        try await look(at: names)
        #expect(try await keeper.release("inbox") == 21)
        #expect(try await queue.removalHolds()["inbox"]?.state == .released)
        let next = RemovalKeeper(queue: queue, logger: log.logger, now: { start }) {}
        try await next.restore()
        let told = next.problems(of: [template]).first
        #expect(told?.contains("21 files are missed, and a person let that go") == true)
        let missing = MissingFiles(queue: queue, logger: log.logger, removals: next) { _ in true }
        _ = try await missing.walk(template)
        #expect(try await ordered == names.sorted())
        #expect(next.problems(of: [template]).isEmpty)
        #expect(try await queue.removalHolds().isEmpty)
    }

    @Test(
        "that were released are held again where the template keeps links before it comes to them"
    )
    func keptAfterRelease() async throws {
        let names = (0..<21).map { "f\($0)" }
        try await publish(names + ["stays"])
        for name in names { try folder.remove("inbox/\(name)") }
        try await look(at: names)
        #expect(try await keeper.release("inbox") == 21)
        template.retention.onRemove = .keep
        _ = try await missing.walk(template)
        #expect(try await queue.removalHolds()["inbox"]?.state == .held)
        template.retention.onRemove = .revoke
        _ = try await missing.walk(template)
        #expect(try await ordered.isEmpty)
    }

    @Test("and a release carries out what was held, and not all that is missed since")
    func lostSinceRelease() async throws {
        let names = (0..<50).map { "f\($0)" }
        try await publish(names)
        for name in names.prefix(25) { try folder.remove("inbox/\(name)") }
        try await look(at: Array(names.prefix(25)))
        #expect(try await keeper.release("inbox") == 25)
        // The machine starts anew, and the mount is missing: its place is there, and empty.
        for name in names.dropFirst(25) { try folder.remove("inbox/\(name)") }
        let next = RemovalKeeper(queue: queue, logger: log.logger, now: { start }) {}
        try await next.restore()
        let missing = MissingFiles(queue: queue, logger: log.logger, removals: next) { _ in true }
        _ = try await missing.walk(template)
        #expect(try await ordered.isEmpty)
        #expect(try await queue.removalHolds()["inbox"]?.reason == .allGone)
        #expect(next.problems(of: [template]).first?.contains("50 files are missed") == true)
        // A person says once more that it is meant.
        #expect(try await next.release("inbox") == 50)
        _ = try await missing.walk(template)
        #expect(try await ordered.count == 50)
    }

    @Test("and even few more than were held are not carried out where nothing is left")
    func lastLostSinceRelease() async throws {
        let names = (0..<22).map { "f\($0)" }
        try await publish(names + ["last"])
        for name in names { try folder.remove("inbox/\(name)") }
        try await look(at: names)
        #expect(try await keeper.release("inbox") == 22)
        try folder.remove("inbox/last")
        _ = try await missing.walk(template)
        #expect(try await ordered.isEmpty)
        #expect(try await queue.removalHolds()["inbox"]?.reason == .allGone)
    }

    @Test("are looked at again soon, and then each ten minutes, in case they are back")
    func nextLook() {
        let looks = [0, 29, 30, 59, 60, 120, 240, 480, 599, 600, 1_199, 1_200].map {
            RemovalKeeper.nextLook(after: .seconds($0)).seconds
        }
        #expect(looks == [30, 30, 60, 60, 120, 240, 480, 600, 600, 1_200, 1_200, 1_800])
    }

    @Test(
        "that were released in the middle of a walk are carried out once a person knows how many they are"
    )
    func releasedInWalk() async throws {
        let names = (0..<1_100).map { "f\($0)" }
        try await publish(names)
        for name in names { try folder.remove("inbox/\(name)") }
        try await look(at: Array(names.prefix(21)))
        let missing = MissingFiles(
            queue: queue,
            logger: log.logger,
            removals: keeper,
            now: { start }
        ) { [presence, keeper] _ in
            // The last look of the walk, after all names were read.
            if presence.count == 1_100 / 256 + 1 { _ = try? await keeper.release("inbox") }
            presence.add(true)
            return true
        }
        _ = try await missing.walk(template)
        // 21 were known as the person said so, and are not 1,100.
        #expect(try await ordered.isEmpty)
        #expect(try await keeper.release("inbox") == 1_100)
        // Of so many not all are listed at a time.
        _ = try await missing.walk(template)
        #expect(try await queue.removalHolds()["inbox"]?.state == .released)
        _ = try await missing.walk(template)
        #expect(try await ordered == names.sorted())
        #expect(try await queue.removalHolds().isEmpty)
    }
}
