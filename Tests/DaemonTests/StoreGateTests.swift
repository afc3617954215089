// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Daemon

@Suite("The gate before a store")
struct StoreGateTests {
    private let gate = StoreGate()

    @Test("is open until the store fails")
    func open() {
        #expect(gate.closed(at: start).parked.isEmpty)
        #expect(gate.nextProbe == nil && gate.problems.isEmpty)
        #expect(!gate.succeeded("media"), "nothing was parked")
    }

    @Test("closes at once when the store refuses everything, and says why")
    func refused() {
        #expect(gate.failed("media", .noKey, at: start))
        #expect(gate.closed(at: start).parked == ["media"])
        #expect(gate.problems["media"]?.failure == .noKey)
        #expect(gate.closed(at: start).probes.isEmpty, "the first probe is a second away")
    }

    @Test("closes after eight failures in a row", arguments: [Failure.network, .slowDown])
    func inARow(failure: Failure) {
        for _ in 1...7 { #expect(!gate.failed("media", failure, at: start)) }
        #expect(gate.closed(at: start).parked.isEmpty)
        #expect(gate.failed("media", failure, at: start))
        #expect(gate.closed(at: start).parked == ["media"])
    }

    @Test("counts anew after each success")
    func notInARow() {
        for _ in 1...5 {
            for _ in 1...7 { #expect(!gate.failed("media", .network, at: start)) }
            #expect(!gate.succeeded("media"))
        }
        #expect(gate.closed(at: start).parked.isEmpty)
    }

    @Test(
        "stays open when the fault lies in the file or needs a person",
        arguments: [Advice.retryFile, .resend, .hold, .giveUp]
    )
    func fileFault(advice: Advice) {
        let failure = Failure(advice, code: "unreadable", message: "a.txt")
        for _ in 1...20 { #expect(!gate.failed("media", failure, at: start)) }
        #expect(gate.closed(at: start).parked.isEmpty)
    }

    @Test("is one for each store")
    func eachStore() {
        for _ in 1...7 { _ = gate.failed("media", .network, at: start) }
        for _ in 1...7 { _ = gate.failed("other", .network, at: start) }
        #expect(gate.failed("other", .network, at: start))
        #expect(gate.closed(at: start).parked == ["other"])
    }

    @Test("lets one job through after 1, 2, 4 and each 5 s, each 30 s after ten minutes (Q9)")
    func probes() {
        var now = start
        #expect(gate.failed("media", .noKey, at: now))
        for pause in [1, 2, 4] + Array(repeating: 5, count: 117) + [30, 30] as [Int64] {
            #expect(gate.nextProbe == now + .seconds(pause))
            #expect(gate.closed(at: now + .seconds(pause) - Span(nanoseconds: 1)).probes.isEmpty)
            now = now + .seconds(pause)
            #expect(gate.closed(at: now).probes == ["media"])
            gate.beginProbe(of: "media", by: nil, at: now)
            #expect(gate.closed(at: now).probes.isEmpty, "one at a time")
            #expect(!gate.failed("media", .noKey, at: now), "it is parked already")
        }
        #expect(gate.closed(at: now).parked == ["media"])
    }

    @Test("lets no second job through while the first is not back, however long it takes")
    func oneAtATime() {
        _ = gate.failed("media", .noKey, at: start)
        let (probe, other) = (UniqueID(at: start), UniqueID(at: start))
        gate.beginProbe(of: "media", by: probe, at: start + .seconds(1))
        let later = start + .seconds(900)
        #expect(gate.closed(at: later).probes.isEmpty && gate.nextProbe == nil)
        gate.ended(other, of: "media")
        #expect(gate.closed(at: later).probes.isEmpty)
        gate.ended(probe, of: "media")
        #expect(gate.closed(at: later).probes == ["media"])
        gate.beginProbe(of: "media", by: probe, at: later)
        gate.probeNow(at: later)
        #expect(gate.closed(at: later).probes == ["media"], "a person does not wait for it")
    }

    @Test("keeps to its pauses whatever jobs that were under way report")
    func stragglers() {
        _ = gate.failed("media", .noKey, at: start)
        let straggler = Failure(.parkStore, code: "NoSuchBucket", message: "no such bucket")
        #expect(!gate.failed("media", straggler, at: start + .seconds(900)))
        #expect(gate.nextProbe == start + .seconds(1))
        #expect(gate.problems["media"]?.failure == straggler, "the latest reason is shown")
    }

    @Test("opens when a probe succeeds, and has forgotten the failures")
    func opens() {
        for _ in 1...8 { _ = gate.failed("media", .network, at: start) }
        gate.beginProbe(of: "media", by: nil, at: start + .seconds(1))
        #expect(gate.succeeded("media"), "it had been parked")
        #expect(gate.closed(at: start).parked.isEmpty && gate.nextProbe == nil)
        #expect(!gate.succeeded("media"))
        for _ in 1...7 { #expect(!gate.failed("media", .network, at: start)) }
        #expect(gate.failed("media", .network, at: start))
        #expect(gate.nextProbe == start + .seconds(1), "its pauses begin anew")
    }

    @Test("lets every parked store be probed at once when a person says so")
    func probeNow() {
        _ = gate.failed("media", .noKey, at: start)
        _ = gate.failed("other", .noKey, at: start)
        for _ in 1...6 { gate.beginProbe(of: "media", by: nil, at: start) }
        let now = start + .seconds(1) - Span(nanoseconds: 1)
        gate.probeNow(at: now)
        #expect(gate.closed(at: now).probes == ["media", "other"])
        gate.beginProbe(of: "media", by: nil, at: now)
        #expect(gate.closed(at: now + .seconds(2)).probes.contains("media"), "pauses begin anew")
    }

    @Test("knows nothing of a probe into a store that is open")
    func openProbe() {
        gate.beginProbe(of: "media", by: nil, at: start)
        #expect(gate.closed(at: start).parked.isEmpty && gate.nextProbe == nil)
    }
}
