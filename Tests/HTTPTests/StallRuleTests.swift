// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HTTP

private let second: Int64 = 1_000_000_000

@Suite("A flow of bytes")
struct StallRuleTests {
    @Test("stalls when fewer than 1 KiB a second moved over 30 s")
    func stalls() {
        var rule = StallRule(rate: 1_024, time: .seconds(30))
        var verdicts: [Bool] = []
        for tick in Int64(0)...30 {
            verdicts.append(rule.isStalled(bytes: tick * 1_000, at: tick * second))
        }
        #expect(verdicts.dropLast().allSatisfy { !$0 })
        #expect(verdicts.last == true)
    }

    @Test("does not stall at just over that")
    func flows() {
        var rule = StallRule(rate: 1_024, time: .seconds(30))
        for tick in Int64(0)...600 {
            #expect(rule.isStalled(bytes: tick * 1_030, at: tick * second) == false)
        }
    }

    @Test("stalls 30 s after its last burst")
    func burst() {
        var rule = StallRule(rate: 1_024, time: .seconds(30))
        #expect(rule.isStalled(bytes: 0, at: 0) == false)
        #expect(rule.isStalled(bytes: 1 << 30, at: second) == false)
        #expect(rule.isStalled(bytes: 1 << 30, at: 30 * second) == false)
        #expect(rule.isStalled(bytes: 1 << 30, at: 31 * second) == true)
    }

    @Test("starts anew when the body is sent again from its start")
    func rewinds() {
        var rule = StallRule(rate: 1_024, time: .seconds(30))
        #expect(rule.isStalled(bytes: 50_000, at: 0) == false)
        #expect(rule.isStalled(bytes: 0, at: 29 * second) == false)
        #expect(rule.isStalled(bytes: 0, at: 58 * second) == false)
        #expect(rule.isStalled(bytes: 0, at: 59 * second) == true)
    }
}

@Suite("A watchdog")
struct WatchdogTests {
    private func watchdog(bodyLength: Int64, isDownload: Bool = false) -> Watchdog {
        Watchdog(
            bodyLength: bodyLength,
            isDownload: isDownload,
            answerLimit: .seconds(60),
            stall: StallRule(rate: 1_024, time: .seconds(30))
        )
    }

    private func progress(_ sent: Int64, received: Int64 = 0, connected: Bool = true) -> Progress {
        Progress(isConnected: connected, sent: sent, received: received)
    }

    @Test("leaves connecting to the connect limit")
    func connecting() {
        var dog = watchdog(bodyLength: 10)
        #expect(dog.look(progress(0, connected: false), at: 0) == .fine)
        #expect(dog.look(progress(0, connected: false), at: 1_000 * second) == .fine)
    }

    @Test("applies the stall rule while the body moves")
    func sending() {
        var dog = watchdog(bodyLength: 1 << 30)
        #expect(dog.look(progress(0), at: 0) == .fine)
        #expect(dog.look(progress(100), at: 29 * second) == .fine)
        #expect(dog.look(progress(100), at: 30 * second) == .stalled)
    }

    @Test("gives the answer a time of its own once the body is sent")
    func waiting() {
        var dog = watchdog(bodyLength: 100)
        #expect(dog.look(progress(50), at: 0) == .fine)
        #expect(dog.look(progress(100), at: 20 * second) == .fine)
        #expect(dog.look(progress(100), at: 79 * second) == .fine)
        #expect(dog.look(progress(100), at: 80 * second) == .answerTimeout)
    }

    @Test("wants a short answer whole within that time, however it trickles")
    func trickle() {
        var dog = watchdog(bodyLength: 0)
        #expect(dog.look(progress(0), at: 0) == .fine)
        #expect(dog.look(progress(0, received: 40), at: 59 * second) == .fine)
        #expect(dog.look(progress(0, received: 41), at: 60 * second) == .answerTimeout)
    }

    @Test("applies the stall rule to a long answer once it comes")
    func receiving() {
        var dog = watchdog(bodyLength: 0, isDownload: true)
        #expect(dog.look(progress(0), at: 0) == .fine)
        #expect(dog.look(progress(0, received: 9), at: 59 * second) == .fine)
        #expect(dog.look(progress(0, received: 9), at: 88 * second) == .fine)
        #expect(dog.look(progress(0, received: 9), at: 89 * second) == .stalled)
    }
}
