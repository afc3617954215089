// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Daemon

@Suite("The sense for a clock that is set back")
struct ClockSenseTests {
    private static let second: Int64 = 1_000_000_000

    @Test("notices a jump back, once, however much time passed since it was asked")
    func back() {
        let clock = ClockSense()
        #expect(!clock.wasSetBack(wall: start, sinceBoot: 0))
        #expect(!clock.wasSetBack(wall: start + .seconds(900), sinceBoot: 900 * Self.second))
        let wall = start + .seconds(1_000 - 25_200)
        #expect(clock.wasSetBack(wall: wall, sinceBoot: 1_000 * Self.second))
        #expect(!clock.wasSetBack(wall: wall + .seconds(5), sinceBoot: 1_005 * Self.second))
    }

    @Test("takes neither a jump forward nor a small correction for one")
    func other() {
        let clock = ClockSense()
        #expect(!clock.wasSetBack(wall: start, sinceBoot: 0))
        #expect(!clock.wasSetBack(wall: start + .seconds(25_200), sinceBoot: Self.second))
        #expect(!clock.wasSetBack(wall: start + .seconds(25_170), sinceBoot: Self.second))
    }
}
