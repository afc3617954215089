// SPDX-License-Identifier: Apache-2.0

/// A 32-bit cyclic redundancy check, eight bytes a step.
///
/// Tables as in "A Systematic Approach to Building High Performance Software-Based CRC Generators"
/// (Kounavis and Berry, 2005), the method known as slicing-by-8.
struct CyclicCheck: Sendable {
    /// CRC-32 of ISO-HDLC, as in gzip: `x-amz-checksum-crc32`.
    static let crc32 = CyclicCheck(reflectedPolynomial: 0xedb8_8320)
    /// CRC-32C of Castagnoli (RFC 3720, appendix B.4): `x-amz-checksum-crc32c`.
    static let crc32c = CyclicCheck(reflectedPolynomial: 0x82f6_3b78)

    private let table: [UInt32]

    private init(reflectedPolynomial polynomial: UInt32) {
        var table = [UInt32](repeating: 0, count: 8 * 256)
        for index in 0..<256 {
            var value = UInt32(index)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
            table[index] = value
        }
        for index in 256..<table.count {
            let previous = table[index - 256]
            table[index] = previous >> 8 ^ table[Int(previous & 0xff)]
        }
        self.table = table
    }

    /// Continues a check value with more bytes; begin with 0, and each result is final.
    func update(_ value: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        unsafe table.withUnsafeBufferPointer { table in
            var crc = ~value
            var index = 0
            while index + 8 <= bytes.count {
                let word = unsafe UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                )
                let mixed = word ^ UInt64(crc)
                crc = 0
                for lane in 0..<8 {
                    let byte = Int(truncatingIfNeeded: mixed >> UInt64(8 * lane) & 0xff)
                    unsafe crc ^= table[(7 - lane) * 256 + byte]
                }
                index += 8
            }
            while index < bytes.count {
                unsafe crc = crc >> 8 ^ table[Int((crc ^ UInt32(bytes[index])) & 0xff)]
                index += 1
            }
            return ~crc
        }
    }

    /// The check value of some bytes.
    func value(of bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe update(0, $0) }
    }
}
