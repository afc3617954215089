// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Queue
import Testing
import Watch

@testable import Daemon

@Suite("What is there when a template is first started", .timeLimit(.minutes(2)))
struct FirstStartTests {
    private let folder: TemporaryFolder
    private let queue: Queue

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
        queue = try Queue.open(folder: folder.path, at: start)
    }

    /// A file whose inode changed and whose content was written so many seconds before the start.
    private func sighting(
        _ name: String,
        changed: Int64 = 60,
        modified: Int64 = 60
    ) -> Watch.Sighting {
        Watch.Sighting(
            name: FileName(name),
            stamp: FileStamp(
                size: 1,
                modified: start - .seconds(modified),
                changed: start - .seconds(changed),
                inode: 1
            )
        )
    }

    private func first(_ rule: OnStart) async throws -> FirstStart {
        let template = try Template.sample(in: folder, onStart: rule)
        let first = FirstStart(template: template, queue: queue)
        try await first.begin(at: start)
        return first
    }

    /// Asks as the watcher does: from a thread that may block.
    private func ask(
        _ first: FirstStart,
        _ sightings: [Watch.Sighting],
        foundBy: FoundBy = .startScan
    ) async -> [Bool] {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: first.areKnown(sightings, foundBy))
            }
        }
    }

    @Test("is processed, unless the template says otherwise")
    func process() async throws {
        let answer = await ask(try await first(.process), [sighting("a"), sighting("b")])
        #expect(answer == [false, false])
    }

    @Test("is left alone under skip; what comes after the start is not")
    func skip() async throws {
        let first = try await first(.skip)
        #expect(await ask(first, [sighting("a"), sighting("b", changed: -1)]) == [true, false])
        #expect(await ask(first, [sighting("c")], foundBy: .event) == [false])
    }

    @Test("is left alone under newer_than when it is older than that")
    func newerThan() async throws {
        let first = try await first(.newerThan(.seconds(100)))
        let sightings = [
            sighting("old", modified: 101), sighting("new", modified: 99),
            sighting("copied now with its old time", changed: -1, modified: 5_000),
        ]
        #expect(await ask(first, sightings) == [true, false, false])
    }

    @Test("is left alone for good: the choice is remembered, and never made again")
    func remembered() async throws {
        #expect(await ask(try await first(.skip), [sighting("a")]) == [true])
        try await queue.markStarted(template: "inbox", root: folder["inbox"], at: start)
        let second = try await first(.skip)
        #expect(await ask(second, [sighting("a"), sighting("came meanwhile")]) == [true, false])
        #expect(await ask(second, [sighting("a", modified: 1)]) == [false], "it has changed")
    }

    @Test("is chosen anew until the first scan has ended")
    func interrupted() async throws {
        #expect(await ask(try await first(.skip), [sighting("a")]) == [true])
        #expect(await ask(try await first(.skip), [sighting("a"), sighting("b")]) == [true, true])
    }

    @Test("is known, whatever the template says, once it was queued")
    func queued() async throws {
        let seen = sighting("a")
        let file = SettledFile(root: folder["inbox"], name: seen.name, stamp: seen.stamp)
        _ = try await queue.add([Job.sample(file, try .sample(in: folder))])
        #expect(await ask(try await first(.process), [seen, sighting("b")]) == [true, false])
    }
}
