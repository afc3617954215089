// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HTTP

@Suite("The gate of a host")
struct HostGateTests {
    @Test("lets the first go alone and the others once it has its connection")
    func firstAlone() {
        var gate = HostGate(brief: AdaptiveLimit(3...3), long: 1, idleTime: 4)
        #expect(gate.admit(isBrief: true, at: 0) == .goAlone)
        #expect(gate.admit(isBrief: true, at: 0) == .wait)
        gate.opened()
        #expect(gate.admit(isBrief: true, at: 1) == .go)
        #expect(gate.admit(isBrief: true, at: 1) == .go)
        #expect(gate.admit(isBrief: true, at: 1) == .wait)
        gate.ended(isBrief: true, at: 2, isWarm: true)
        #expect(gate.admit(isBrief: true, at: 2) == .go)
    }

    @Test("lets the first go alone again once no connection is kept any more")
    func idle() {
        var gate = HostGate(brief: AdaptiveLimit(3...3), long: 1, idleTime: 4)
        #expect(gate.admit(isBrief: true, at: 0) == .goAlone)
        gate.opened()
        gate.ended(isBrief: true, at: 10, isWarm: true)
        #expect(gate.admit(isBrief: true, at: 13) == .go)
        gate.ended(isBrief: true, at: 14, isWarm: true)
        #expect(gate.isForgettable(at: 18))
        #expect(gate.admit(isBrief: true, at: 18) == .goAlone)
    }

    @Test("lets the next go alone when the first found no connection")
    func failed() {
        var gate = HostGate(brief: AdaptiveLimit(3...3), long: 1, idleTime: 4)
        #expect(gate.admit(isBrief: true, at: 0) == .goAlone)
        gate.opened()
        gate.ended(isBrief: true, at: 0, isWarm: false)
        #expect(gate.admit(isBrief: true, at: 0) == .goAlone)
    }

    @Test("has places of their own for long requests")
    func long() {
        var gate = HostGate(brief: AdaptiveLimit(1...1), long: 1, idleTime: 4)
        #expect(gate.admit(isBrief: false, at: 0) == .goAlone)
        gate.opened()
        #expect(gate.admit(isBrief: false, at: 1) == .wait)
        #expect(gate.admit(isBrief: true, at: 1) == .go)
        #expect(gate.admit(isBrief: true, at: 1) == .wait)
        gate.ended(isBrief: false, at: 2, isWarm: true)
        #expect(gate.admit(isBrief: true, at: 2) == .wait)
        #expect(gate.admit(isBrief: false, at: 2) == .go)
    }

    @Test("lets only one look the name up at a time")
    func resolving() {
        var gate = HostGate(brief: AdaptiveLimit(3...3), long: 1, idleTime: 4)
        #expect(gate.admit(isBrief: true, at: 0) == .goAlone)
        gate.opened()
        #expect(gate.mayResolve() == true)
        #expect(gate.mayResolve() == false)
        #expect(gate.admit(isBrief: true, at: 0) == .wait)
        gate.opened()
        #expect(gate.admit(isBrief: true, at: 0) == .go)
    }
}
