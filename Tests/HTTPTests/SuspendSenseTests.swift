// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HTTP

@Suite("A sleep of the machine")
struct SuspendSenseTests {
    private let second: Int64 = 1_000_000_000

    /// What the sense says to the clocks, in seconds.
    private func answers(_ clocks: [(sinceStart: Int64, running: Int64, wall: Int64)]) -> [Bool] {
        var sense = SuspendSense()
        return clocks.map {
            // It looks again whenever something is to be done, which may be never.
            defer { sense.rests(until: .max, at: 0) }
            return sense.hasJumped(
                ClockReading(
                    sinceStart: $0.sinceStart * second,
                    running: $0.running * second,
                    wall: $0.wall * second
                )
            )
        }
    }

    @Test("is noticed once, when it was long")
    func noticed() {
        let clocks = [(900, 100, 1_900), (901, 101, 1_901), (963, 102, 1_963), (964, 103, 1_964)]
        #expect(
            answers(clocks.map { (Int64($0), Int64($1), Int64($2)) }) == [
                false, false, true, false,
            ]
        )
    }

    @Test("is passed over when it was short, however long nobody asked")
    func short() {
        #expect(
            answers([(0, 0, 9), (60, 0, 69), (90_060, 90_000, 90_069)]) == [false, false, false]
        )
    }

    @Test("is taken for one that this process was stopped, but not that it had nothing to do")
    func stopped() {
        var sense = SuspendSense()
        var answers: [Bool] = []
        // Each time it was to look again after 10 s.
        for moment in [100, 110, 179, 189, 260, 270] as [Int64] {
            let now = moment * second
            answers.append(
                sense.hasJumped(ClockReading(sinceStart: now, running: now, wall: now))
            )
            #expect(!sense.isLate(now + 60 * second) && sense.isLate(now + 61 * second))
            sense.rests(until: now + 10 * second, at: now)
        }
        #expect(answers == [false, false, false, false, true, false])
    }

    @Test(
        "is taken for one that the wall clock is set, either way, since signatures are by it (C19)"
    )
    func set() {
        let clocks = [(10, 10, 1_000), (20, 20, 33_410), (30, 30, 33_425), (40, 40, 1_030)]
        #expect(
            answers(clocks.map { (Int64($0), Int64($1), Int64($2)) }) == [false, true, false, true]
        )
    }
}
