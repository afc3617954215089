// SPDX-License-Identifier: Apache-2.0
internal import Crypto

/// MD5, for stores that know nothing better.
struct MD5Hasher {
    private var hash = Insecure.MD5()

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        unsafe hash.update(bufferPointer: bytes)
    }

    var digest: [UInt8] { Array(hash.finalize()) }
}
