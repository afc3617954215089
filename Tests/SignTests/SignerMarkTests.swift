// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Sign

@Suite("The mark of a key that signs links")
struct SignerMarkTests {
    @Test("is the front of the digest of its name, for good: it is stored with links")
    func named() {
        // printf %s AKIDEXAMPLE | sha256sum | cut -c 1-16
        #expect(
            UInt64(bitPattern: SignerMark.of(keyNamed: "AKIDEXAMPLE")) == 0x7a89_8e50_dbd5_b830
        )
        #expect(SignerMark.of(keyNamed: "ASIA1") != SignerMark.of(keyNamed: "ASIA2"))
    }

    @Test("of a key without a name is another for another key, and says nothing of it")
    func unnamed() throws {
        let first = try SignerMark.of(.secret(Secret("one")))
        #expect(try SignerMark.of(.secret(Secret("one"))) == first)
        #expect(try SignerMark.of(.secret(Secret("two"))) != first)
        #expect(first != SignerMark.of(keyNamed: "one"))
    }
}
