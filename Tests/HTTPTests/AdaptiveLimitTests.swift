// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HTTP

@Suite("The limit on brief requests (U4)")
struct AdaptiveLimitTests {
    /// A host that takes `latency` over each answer, and gives no more than `rate` a second, however
    /// many it is asked for at once.
    private struct FakeHost {
        var latency: Double
        var rate: Double
        /// The share by which the time of an answer goes up and down.
        var noise = 0.0
        var now = 0.0
        private var random = SplitMix(state: 7)

        init(latency: Double, rate: Double, noise: Double = 0) {
            (self.latency, self.rate, self.noise) = (latency, rate, noise)
        }

        /// Has so many requests answered, while others wait; the limit as it was after each.
        mutating func answer(_ count: Int, _ limit: inout AdaptiveLimit) -> [Int] {
            (0..<count).map { _ in
                let running = Double(limit.value)
                let mean = max(latency, running / rate)
                let duration = mean * (1 + noise * (random.unit() * 2 - 1))
                now += mean / running
                limit.answered(
                    after: Int64(duration * 1e9),
                    asksForLess: false,
                    isWaitedFor: true,
                    at: Int64(now * 1e9)
                )
                return limit.value
            }
        }
    }

    private struct SplitMix {
        var state: UInt64
        mutating func unit() -> Double {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return Double((z ^ (z >> 31)) >> 11) / Double(1 << 53)
        }
    }

    @Test("reaches what a host far away is good for within a tenth of ten thousand files")
    func far() {
        var host = FakeHost(latency: 0.02, rate: 50_000)
        var limit = AdaptiveLimit(16...256)
        let values = host.answer(1_000, &limit)
        #expect(values.last == 256)
        #expect(host.now < 0.3)
    }

    @Test("stays low where more at once brings no more", arguments: [0.0, 0.5])
    func near(noise: Double) {
        var host = FakeHost(latency: 0.0002, rate: 8_000, noise: noise)
        var limit = AdaptiveLimit(16...256)
        let values = host.answer(100_000, &limit)
        // Now and then double is tried, which is a small part of the time.
        #expect(values.allSatisfy { $0 <= 32 })
        #expect(values.count { $0 == 16 } > 90_000)
    }

    @Test("is not deceived by answers that take now twice, now half as long")
    func noisy() {
        var host = FakeHost(latency: 0.03, rate: 50_000, noise: 0.7)
        var limit = AdaptiveLimit(16...256)
        #expect(host.answer(3_000, &limit).suffix(500).allSatisfy { $0 >= 128 })
    }

    @Test("comes down again when the host has come near")
    func comesNear() {
        var host = FakeHost(latency: 0.02, rate: 50_000)
        var limit = AdaptiveLimit(16...256)
        _ = host.answer(2_000, &limit)
        #expect(limit.value == 256)
        host.latency = 0.0002
        host.rate = 8_000
        // A minute or so.
        _ = host.answer(480_000, &limit)
        #expect(limit.value <= 32)
    }

    @Test("is halved once for each crowd that is told to ask for less")
    func throttled() {
        var host = FakeHost(latency: 0.02, rate: 50_000)
        var limit = AdaptiveLimit(16...256)
        _ = host.answer(2_000, &limit)
        for _ in 0..<100 {
            limit.answered(after: 1, asksForLess: true, isWaitedFor: true, at: 1)
        }
        #expect(limit.value == 128)
    }

    @Test("is left alone while nobody waits for it")
    func calm() {
        var limit = AdaptiveLimit(16...256)
        for now in 0..<10_000 {
            limit.answered(
                after: 20_000_000,
                asksForLess: false,
                isWaitedFor: false,
                at: Int64(now) * 1_000_000
            )
        }
        #expect(limit.value == 16)
    }
}
