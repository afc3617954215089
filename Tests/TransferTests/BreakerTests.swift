// SPDX-License-Identifier: Apache-2.0
import HTTP
import Testing

@testable import Transfer

@Suite("The breaker of a store (Q9)")
struct BreakerTests {
    private static let second: Int64 = 1_000_000_000

    @Test("opens after eight failures in a row, and lets one through a second")
    func opens() {
        var breaker = Breaker()
        for _ in 1...7 {
            breaker.failed()
            #expect(breaker.admits(at: 0) && !breaker.isOpen)
        }
        breaker.failed()
        #expect(breaker.isOpen)
        let admitted = (0..<100).count { breaker.admits(at: Int64($0) * Self.second / 10) }
        // A little more, so that a probe each second gets through.
        #expect((10...12).contains(admitted))
    }

    @Test("closes with the first success")
    func closes() {
        var breaker = Breaker()
        for _ in 1...20 { breaker.failed() }
        breaker.succeeded()
        #expect((0..<100).allSatisfy { _ in breaker.admits(at: 0) })
    }

    @Test("stays closed to a store that throttles, as long as anything comes of it")
    func throttled() {
        var breaker = Breaker()
        for _ in 1...10 {
            for _ in 1...39 { breaker.throttled() }
            breaker.succeeded()
        }
        #expect(!breaker.isOpen)
        for _ in 1...40 { breaker.throttled() }
        #expect(breaker.isOpen)
    }
}
