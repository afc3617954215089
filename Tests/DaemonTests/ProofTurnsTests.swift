// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization
import Testing

@testable import Daemon

@Suite("Many links at once under `prove: sampled`", .timeLimit(.minutes(3)))
struct ProofTurnsTests {
    private final class Count: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    /// How many of fifty links are fetched; each ends as its number among them says.
    private func fetched(_ end: @escaping @Sendable (Int) -> Bool?) async -> Int {
        let (turns, count) = (ProofTurns(), Count())
        await withTaskGroup { group in
            for number in 0..<50 {
                group.addTask {
                    let id = UniqueID(at: start, random: (UInt64(number), 1))
                    guard await turns.isDue(id, byKey: 1) else { return }
                    turns.ended(id, byKey: 1, isGood: end(count.next()))
                }
            }
        }
        return count.value
    }

    @Test("the first is fetched, and all others are published once it is good")
    func first() async { #expect(await fetched { _ in true } == 1) }

    @Test("another takes the place of one that was broken off")
    func brokenOff() async { #expect(await fetched { $0 <= 3 ? nil : true } == 4) }

    @Test("all are fetched while none is good")
    func failing() async { #expect(await fetched { _ in false } == 50) }
}
