// SPDX-License-Identifier: Apache-2.0

import Crypto

/// HMAC-SHA256 (RFC 2104) that has taken in its key, and may have taken in a front that many texts
/// share; copies go on from there.
///
/// `HMAC` of swift-crypto computes the same (a test compares them), but takes in bytes through
/// generic code that is not specialised outside its module, which costs more than the hashing.
struct PreparedCode: Sendable {
    private var inner = SHA256()
    private var outer = SHA256()

    /// Takes in a key; one that is longer than a block counts by its digest.
    init(key: [UInt8]) {
        var block = key
        if key.count > SHA256.blockByteCount {
            unsafe SHA256.of(key).withUnsafeBytes { unsafe block = Array($0) }
        }
        block.append(contentsOf: repeatElement(0, count: SHA256.blockByteCount - block.count))
        inner.take(block.map { $0 ^ 0x36 })
        outer.take(block.map { $0 ^ 0x5c })
    }

    /// The same after it took in more of the text.
    func fed(_ text: [UInt8]) -> PreparedCode {
        var copy = self
        copy.inner.take(text)
        return copy
    }

    /// The code of the text so far and this end.
    func code(of end: [UInt8]) -> [UInt8] {
        let code = fed(end).finish()
        return unsafe code.withUnsafeBytes { unsafe Array($0) }
    }

    /// Appends the code, in lower-case hexadecimal, of the text so far and the digest of `bytes`
    /// in lower-case hexadecimal: what ends every string to sign.
    func append(codeOfDigestOf bytes: [UInt8], to output: inout [UInt8]) {
        var copy = self
        unsafe SHA256.of(bytes).withHex {
            unsafe copy.inner.update(bufferPointer: UnsafeRawBufferPointer($0))
        }
        unsafe copy.finish().withHex { unsafe output.append(contentsOf: $0) }
    }

    /// Appends the digest of `bytes`, in lower-case hexadecimal.
    static func append(digestOf bytes: [UInt8], to output: inout [UInt8]) {
        unsafe SHA256.of(bytes).withHex { unsafe output.append(contentsOf: $0) }
    }

    private func finish() -> SHA256Digest {
        var outer = outer
        unsafe inner.finalize().withUnsafeBytes { unsafe outer.update(bufferPointer: $0) }
        return outer.finalize()
    }
}

extension SHA256 {
    fileprivate static func of(_ bytes: [UInt8]) -> SHA256Digest {
        var hash = SHA256()
        hash.take(bytes)
        return hash.finalize()
    }

    /// Takes in bytes, past the generic `update(data:)`.
    fileprivate mutating func take(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe update(bufferPointer: $0) }
    }
}

extension SHA256Digest {
    /// Lends the digest in lower-case hexadecimal, without an array of its own.
    fileprivate func withHex(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        unsafe withUnsafeBytes { digest in
            unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * digest.count) {
                text in
                for index in digest.indices {
                    let byte = unsafe digest[index]
                    unsafe text.initializeElement(at: 2 * index, to: Self.digit(byte >> 4))
                    unsafe text.initializeElement(at: 2 * index + 1, to: Self.digit(byte & 15))
                }
                unsafe body(UnsafeBufferPointer(text))
            }
        }
    }

    /// Without a branch: which of the two cases it is would be guessed wrong half of the time.
    private static func digit(_ value: UInt8) -> UInt8 {
        let isLetter = (9 &- value) >> 7
        return value &+ UInt8(ascii: "0") &+ isLetter
            &* (UInt8(ascii: "a") - UInt8(ascii: "0") - 10)
    }
}
