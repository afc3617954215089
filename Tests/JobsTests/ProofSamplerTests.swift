// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@Suite("Which links are fetched under `prove: sampled`")
struct ProofSamplerTests {
    private let start = Timestamp(seconds: 1_795_000_000)
    private let ids = (0..<4).map { UniqueID(at: Timestamp(seconds: 1_000 + Int64($0))) }

    private func at(_ seconds: Int64) -> Timestamp { start + .seconds(seconds) }

    /// One whose first link by key 1 was good at the start.
    private func tried() -> ProofSampler {
        var sampler = ProofSampler()
        #expect(sampler.ask(ids[0], byKey: 1, at: start) == .prove)
        sampler.ended(ids[0], byKey: 1, isGood: true, at: start)
        return sampler
    }

    @Test("the first, and the others wait for it")
    func first() {
        var sampler = ProofSampler()
        #expect(sampler.ask(ids[0], byKey: 1, at: start) == .prove)
        #expect(sampler.ask(ids[1], byKey: 1, at: start) == .wait)
        sampler.ended(ids[0], byKey: 1, isGood: true, at: start)
        #expect(sampler.ask(ids[1], byKey: 1, at: start) == .publish)
    }

    @Test("one a minute after that, which no other waits for")
    func eachMinute() {
        var sampler = tried()
        #expect(sampler.ask(ids[1], byKey: 1, at: at(59)) == .publish)
        #expect(sampler.ask(ids[1], byKey: 1, at: at(60)) == .prove)
        #expect(sampler.ask(ids[2], byKey: 1, at: at(60)) == .publish)
        sampler.ended(ids[1], byKey: 1, isGood: true, at: at(61))
        #expect(sampler.ask(ids[2], byKey: 1, at: at(120)) == .publish)
        #expect(sampler.ask(ids[2], byKey: 1, at: at(121)) == .prove)
    }

    @Test("one when the clock was set back")
    func setBack() {
        var sampler = tried()
        #expect(sampler.ask(ids[1], byKey: 1, at: at(-1)) == .prove)
    }

    @Test("the first by each later key; of an earlier one all, and they tell nothing of the later")
    func keys() {
        var sampler = tried()
        #expect(sampler.ask(ids[1], byKey: 2, at: at(1)) == .prove)
        #expect(sampler.ask(ids[2], byKey: 2, at: at(1)) == .wait)
        #expect(sampler.ask(ids[3], byKey: 1, at: at(1)) == .prove)
        sampler.ended(ids[3], byKey: 1, isGood: true, at: at(1))
        #expect(sampler.ask(ids[2], byKey: 2, at: at(1)) == .wait)
        sampler.ended(ids[1], byKey: 2, isGood: true, at: at(2))
        #expect(sampler.ask(ids[2], byKey: 2, at: at(2)) == .publish)
    }

    @Test("each after one failed, until one is good")
    func failing() {
        var sampler = tried()
        #expect(sampler.ask(ids[1], byKey: 1, at: at(60)) == .prove)
        sampler.ended(ids[1], byKey: 1, isGood: false, at: at(60))
        #expect(sampler.ask(ids[2], byKey: 1, at: at(61)) == .prove)
        #expect(sampler.ask(ids[3], byKey: 1, at: at(61)) == .prove)
        sampler.ended(ids[2], byKey: 1, isGood: false, at: at(62))
        #expect(sampler.ask(ids[2], byKey: 1, at: at(62)) == .prove)
        sampler.ended(ids[3], byKey: 1, isGood: true, at: at(63))
        #expect(sampler.ask(ids[0], byKey: 1, at: at(63)) == .publish)
    }

    @Test("always one that failed before, whatever the others did meanwhile")
    func failedItself() {
        var sampler = ProofSampler()
        _ = sampler.ask(ids[0], byKey: 1, at: start)
        sampler.ended(ids[0], byKey: 1, isGood: false, at: start)
        _ = sampler.ask(ids[1], byKey: 1, at: start)
        sampler.ended(ids[1], byKey: 1, isGood: true, at: start)
        #expect(sampler.ask(ids[2], byKey: 1, at: at(1)) == .publish)
        #expect(sampler.ask(ids[0], byKey: 1, at: at(1)) == .prove)
        sampler.ended(ids[0], byKey: 1, isGood: true, at: at(1))
        #expect(sampler.ask(ids[0], byKey: 1, at: at(2)) == .publish)
    }

    @Test("the next when the first was broken off")
    func brokenOff() {
        var sampler = ProofSampler()
        _ = sampler.ask(ids[0], byKey: 1, at: start)
        sampler.ended(ids[0], byKey: 1, isGood: nil, at: start)
        #expect(sampler.ask(ids[1], byKey: 1, at: start) == .prove)
        #expect(sampler.ask(ids[0], byKey: 1, at: start) == .wait)
    }
}
