// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Daemon

@Suite("A bell", .timeLimit(.minutes(2)))
struct BellTests {
    private let bell = Bell()

    @Test("wakes the task that waits, and then has not rung for the next")
    func wakes() async {
        for _ in 0..<100 {
            let waiter = Task { await bell.wait() }
            await Task.yield()
            bell.ring()
            await waiter.value
        }
        #expect(await time { await bell.wait(atMost: .milliseconds(30)) } >= .milliseconds(30))
    }

    @Test("wakes all who wait, and lets one that is cancelled go alone")
    func everybody() async {
        let first = Task { await bell.wait() }
        let second = Task { await bell.wait(atMost: .seconds(3_600)) }
        let third = Task { await bell.wait() }
        third.cancel()
        await third.value
        // Whether they wait already or begin to: each ring reaches all who do.
        let ringer = Task {
            while !Task.isCancelled {
                bell.ring()
                await Task.yield()
            }
        }
        await first.value
        await second.value
        ringer.cancel()
    }

    @Test("keeps a ring for the next who waits, but not two")
    func kept() async {
        bell.ring()
        bell.ring()
        await bell.wait()
        #expect(await time { await bell.wait(atMost: .milliseconds(30)) } >= .milliseconds(30))
    }

    @Test("is waited for no longer than the limit")
    func limit() async {
        #expect(await time { await bell.wait(atMost: .milliseconds(30)) } >= .milliseconds(30))
    }

    @Test("is not waited for at all when no time is left, and the ring is kept")
    func noTime() async {
        bell.ring()
        await bell.wait(atMost: .zero)
        await bell.wait(atMost: .seconds(-1))
        await bell.wait()
    }

    @Test("does not end a wait by the limit of an earlier one")
    func earlierLimit() async {
        bell.ring()
        await bell.wait(atMost: .milliseconds(1))
        #expect(await time { await bell.wait(atMost: .milliseconds(60)) } >= .milliseconds(60))
    }

    @Test("lets go of a task that is cancelled while it waits")
    func cancelled() async {
        let waiter = Task { await bell.wait() }
        waiter.cancel()
        await waiter.value
    }

    @Test("does not hold a task that was cancelled before")
    func alreadyCancelled() async {
        let waiter = Task {
            while !Task.isCancelled { await Task.yield() }
            await bell.wait()
            await bell.wait(atMost: .seconds(3_600))
        }
        waiter.cancel()
        await waiter.value
    }

    @Test("loses no wake-up among 10,000 rings that come at once")
    func manyRings() async {
        let work = Collected<Int>()
        await withDiscardingTaskGroup { group in
            group.addTask { [bell] in
                // Whoever adds work rings after it; so who finds none may sleep.
                while work.count < 10_000 { await bell.wait() }
            }
            for number in 0..<10_000 {
                group.addTask { [bell] in
                    work.add(number)
                    bell.ring()
                }
            }
        }
        #expect(work.count == 10_000)
    }

    @Test("loses no wake-up when rings and limits come at the same moment")
    func ringsAndLimits() async {
        for _ in 0..<200 {
            let ringer = Task { bell.ring() }
            await bell.wait(atMost: .milliseconds(1))
            await ringer.value
            // Whether the ring or the limit came first, a new ring is heard.
            bell.ring()
            await bell.wait()
        }
    }

    private func time(_ body: () async -> Void) async -> Duration {
        await ContinuousClock().measure { await body() }
    }
}
