// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HTTP

@Suite("A sleep of the machine")
struct SuspendSenseTests {
    private let second: Int64 = 1_000_000_000

    /// What the sense says to each pair of clocks, in seconds.
    private func answers(_ clocks: [(sinceStart: Int64, running: Int64)]) -> [Bool] {
        var sense = SuspendSense()
        return clocks.map {
            sense.hasSlept(sinceStart: $0.sinceStart * second, running: $0.running * second)
        }
    }

    @Test("is noticed once, when it was long")
    func noticed() {
        let clocks: [(Int64, Int64)] = [(900, 100), (901, 101), (963, 102), (964, 103)]
        #expect(answers(clocks) == [false, false, true, false])
    }

    @Test("is passed over when it was short, however long nobody asked")
    func short() {
        #expect(answers([(0, 0), (60, 0), (90_060, 90_000)]) == [false, false, false])
    }
}
