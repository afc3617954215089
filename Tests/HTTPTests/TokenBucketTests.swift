// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HTTP

private let second: Int64 = 1_000_000_000
private let millisecond: Int64 = 1_000_000

@Suite("A limit on what is sent")
struct TokenBucketTests {
    private func bucket(_ rate: Int64?) -> TokenBucket {
        var bucket = TokenBucket()
        bucket.setRate(rate, at: 0)
        return bucket
    }

    @Test("lets through just what it says, however often it is asked", arguments: [1, 7, 30])
    func exact(every pause: Int64) {
        var bucket = bucket(1 << 20)
        var sent: Int64 = 0
        for moment in stride(from: 0, through: 4 * second, by: Int(pause * millisecond)) {
            while case let got = bucket.take(upTo: 2 << 20, at: Int64(moment)), got > 0 {
                #expect(got == bucket.grain)
                sent += Int64(got)
            }
        }
        // The grain of the very last moment may be missing.
        #expect(sent <= 4 << 20 && sent > 4 << 20 - 2 * Int64(bucket.grain))
    }

    @Test("lets the last bytes of a body through without a whole grain")
    func tail() {
        var bucket = bucket(1_000_000)
        #expect(bucket.take(upTo: 10, at: 0) == 0)
        #expect(bucket.moment(of: 10, at: 0) == 10_000)
        #expect(bucket.take(upTo: 10, at: 10_000) == 10)
    }

    @Test("saves no more than a tenth of a second while nothing is sent")
    func burst() {
        var bucket = bucket(1_000_000)
        #expect(bucket.available(at: 3_600 * second) == 100_000)
    }

    @Test("has what went out without asking paid back")
    func debt() {
        var bucket = bucket(1_000_000)
        bucket.charge(500_000, at: 0)
        #expect(bucket.take(upTo: 1, at: 499 * millisecond) == 0)
        #expect(bucket.available(at: 500 * millisecond) == 0)
        #expect(bucket.take(upTo: 1_000, at: 501 * millisecond) == 1_000)
    }

    @Test("may change at any time, and end")
    func change() {
        var bucket = bucket(1_000_000)
        #expect(bucket.available(at: second) == 100_000)
        bucket.setRate(2_000_000, at: second)
        #expect(bucket.available(at: second) == 0, "no burst comes of a change")
        #expect(bucket.available(at: second + 10 * millisecond) == 20_000)
        bucket.setRate(nil, at: 2 * second)
        #expect(bucket.take(upTo: 1 << 30, at: 2 * second) == 1 << 30)
    }

    @Test(
        "hands out grains that are small against the rate, and large enough for a fast one",
        arguments: [
            (1, 1), (1_000, 50), (1 << 20, 52_428), (10 << 20, 65_536), (1 << 30, 1_073_741),
        ]
    )
    func grain(rate: Int64, size: Int) { #expect(bucket(rate).grain == size) }
}
