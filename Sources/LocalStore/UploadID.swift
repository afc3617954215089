// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The name of an upload in parts, which is that of its folder too: 128 random bits in hexadecimal.
struct UploadID: Hashable, Sendable, CustomStringConvertible {
    let description: String

    /// Makes a new one.
    init() {
        var bytes: [UInt8] = []
        for _ in 0..<16 { bytes.append(.random(in: .min ... .max)) }
        description = bytes.hex
    }

    /// Reads one; nothing when it is none that this store gave.
    init?(_ text: String) {
        let isHex = text.utf8.allSatisfy { $0.isASCIIDigit || (0x61...0x66).contains($0) }
        guard text.utf8.count == 32, isHex else { return nil }
        description = text
    }
}
