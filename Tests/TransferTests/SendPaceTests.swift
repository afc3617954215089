// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Transfer

/// A store and its clients, without a clock: each request takes 5 ms.
private struct Simulation {
    var pace = SendPace()
    /// Requests a second that the store grants; nothing: it grants all.
    var granted: Double?
    /// One in so many is refused whatever the rate; 0: none.
    var randomly = 0
    var now: Int64 = 0
    private var room = 0.0
    private var serial = 0
    private(set) var good = 0
    private(set) var refused = 0

    init(granted: Double?, randomly: Int = 0) {
        (self.granted, self.randomly) = (granted, randomly)
    }

    private enum Phase {
        case ask, send, answer(isGood: Bool)
    }

    /// Lets `workers` send one request after the other for so many seconds.
    mutating func run(seconds: Int64, workers: Int) {
        let end = now + seconds * 1_000_000_000
        (good, refused) = (0, 0)
        var next = [(at: Int64, phase: Phase)](repeating: (now, .ask), count: workers)
        while let worker = next.indices.min(by: { next[$0].at < next[$1].at }),
            next[worker].at < end
        {
            let passed = next[worker].at - now
            now = next[worker].at
            if let granted {
                room = min(room + Double(passed) / 1e9 * granted, max(granted / 10, 1))
            }
            switch next[worker].phase {
            case .ask:
                let wait = pace.admit(at: now)
                next[worker] = (now + wait, wait > 0 ? .ask : .send)
            case .send:
                serial += 1
                let isGranted = granted == nil || room >= 1
                let isGood = isGranted && (randomly == 0 || serial % randomly != 0)
                if isGood, granted != nil { room -= 1 }
                next[worker] = (now + 5_000_000, .answer(isGood: isGood))
            case .answer(true):
                good += 1
                pace.succeeded(at: now)
                next[worker] = (now, .ask)
            case .answer(false):
                refused += 1
                pace.throttled(at: now)
                // The request comes back after half a second on the average.
                next[worker] = (now + 500_000_000, .ask)
            }
        }
        now = end
    }
}

@Suite("The pace of what is sent (U4)")
struct SendPaceTests {
    @Test("is not limited before a store asks for less")
    func free() {
        var simulation = Simulation(granted: nil)
        simulation.run(seconds: 5, workers: 16)
        #expect(simulation.pace.limit == nil)
        #expect(simulation.refused == 0)
        #expect(simulation.good > 15_000)
    }

    @Test("settles just above what a store grants", arguments: [50.0, 200, 1_000])
    func granted(rate: Double) {
        var simulation = Simulation(granted: rate)
        simulation.run(seconds: 10, workers: 16)
        simulation.run(seconds: 30, workers: 16)
        let goodput = Double(simulation.good) / 30
        #expect(goodput >= rate * 0.9, "\(goodput) of \(rate)")
        let share = Double(simulation.refused) / Double(simulation.good + simulation.refused)
        #expect(share <= 0.1, "\(share)")
    }

    @Test("does not collapse where a tenth is refused whatever the rate")
    func random() {
        var simulation = Simulation(granted: nil, randomly: 10)
        simulation.run(seconds: 60, workers: 16)
        simulation.run(seconds: 10, workers: 16)
        #expect(simulation.good > 100)
    }

    @Test("finds out that a store grants more again, and ends being limited")
    func recovers() {
        var simulation = Simulation(granted: 50)
        simulation.run(seconds: 10, workers: 16)
        simulation.granted = nil
        simulation.run(seconds: 10, workers: 16)
        #expect(simulation.good > 5_000)
    }

    @Test("does not follow a demand that is low, whatever is refused of it")
    func lowDemand() {
        var pace = SendPace()
        var now: Int64 = 0
        // A thousand a second while it begins to be limited, then one in a tenth of a second.
        for number in 0..<1_000 {
            now += 1_000_000
            if pace.admit(at: now) > 0 { continue }
            if number % 10 == 0 { pace.throttled(at: now) } else { pace.succeeded(at: now) }
        }
        var waits = 0
        for number in 0..<300 {
            now += 100_000_000
            if pace.admit(at: now) > 0 { waits += 1 }
            if number % 10 == 0 { pace.throttled(at: now) } else { pace.succeeded(at: now) }
        }
        #expect(waits < 10)
    }

    @Test("starts anew after an outage")
    func outage() {
        var simulation = Simulation(granted: 50)
        simulation.run(seconds: 3, workers: 16)
        #expect(simulation.pace.limit != nil)
        simulation.pace.forget()
        #expect(simulation.pace.limit == nil)
    }
}
