// SPDX-License-Identifier: Apache-2.0

import Jobs

/// IPv4 addresses as conditions of a grant write them.
enum AddressText {
    /// Whether a text is `a.b.c.d`, or two of them with a hyphen between.
    static func isAddress(orRange text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.count <= 2
            && parts.allSatisfy { isAddress(String(decoding: $0, as: UTF8.self)) }
    }

    /// The block that a text stands for: `a.b.c.d/24` as it is, an address alone with `/32`;
    /// nothing if it is neither.
    static func block(_ text: String) -> String? {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard let address = parts.first, isAddress(address), parts.count <= 2 else { return nil }
        guard parts.count == 2 else { return text + "/32" }
        guard let bits = Int(parts[1]), (0...32).contains(bits), parts[1] == String(bits) else {
            return nil
        }
        return text
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.count) && part.allSatisfy(\.isASCIIDigit)
                    && (Int(String(decoding: part, as: UTF8.self)) ?? 256) < 256
            }
    }
}
