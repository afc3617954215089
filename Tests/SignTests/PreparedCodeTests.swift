// SPDX-License-Identifier: Apache-2.0

import Crypto
import Testing

@testable import Sign

@Suite("A prepared HMAC")
struct PreparedCodeTests {
    @Test(
        "is that of swift-crypto, for keys around the length of a block",
        arguments: [0, 1, 31, 32, 63, 64, 65, 200]
    )
    func same(length: Int) {
        let key = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let texts: [[UInt8]] = [
            [], [1], Array(repeating: 2, count: 64), Array(repeating: 3, count: 1_000),
        ]
        for front in texts {
            for end in texts {
                let expected = HMAC<SHA256>.authenticationCode(
                    for: front + end,
                    using: SymmetricKey(data: key)
                )
                let prepared = PreparedCode(key: key).fed(front)
                #expect(prepared.code(of: end) == Array(expected))
                // A copy that went on leaves the one it was taken of as it was.
                #expect(prepared.code(of: end) == Array(expected))
            }
        }
    }
}
