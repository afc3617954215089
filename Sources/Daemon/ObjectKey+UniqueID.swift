// SPDX-License-Identifier: Apache-2.0

import Jobs

extension ObjectKey {
    /// Whether the key has an id like a job's in it (UUID, version 7; RFC 9562, section 5.7), so that
    /// nobody else uploads to it.
    var holdsUniqueID: Bool {
        guard bytes.count >= 36 else { return false }
        return (0...bytes.count - 36).contains { Self.isUniqueID(bytes[$0..<$0 + 36]) }
    }

    private static func isUniqueID(_ text: ArraySlice<UInt8>) -> Bool {
        for (index, byte) in text.enumerated() {
            switch index {
            case 8, 13, 18, 23: guard byte == UInt8(ascii: "-") else { return false }
            case 14: guard byte == UInt8(ascii: "7") else { return false }
            default:
                guard byte.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
                else { return false }
            }
        }
        return true
    }
}
