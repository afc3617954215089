// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The boundary in `Content-Type: multipart/form-data; boundary=…` (RFC 2046, section 5.1.1).
enum FormBoundary: Hashable, Sendable {
    /// The body is something else.
    case none
    /// The body says it is a form, but not where its parts end.
    case missing
    /// What stands, after two dashes, between the parts.
    case text(String)

    init(contentType: String?) {
        let parts = (contentType ?? "").split(separator: ";", omittingEmptySubsequences: false)
        guard parts.first?.trimmed.lowercased() == "multipart/form-data" else {
            self = .none
            return
        }
        self = .missing
        for part in parts.dropFirst() {
            let name = part.prefix { $0 != "=" }
            guard name.trimmed.lowercased() == "boundary" else { continue }
            var value = part.dropFirst(name.count + 1).trimmed
            if value.count >= 2, value.first == "\"", value.last == "\"" {
                value = value.dropFirst().dropLast()
            }
            guard case .missing = self, (1...70).contains(value.utf8.count),
                value.last != " ", value.utf8.allSatisfy(Self.isAllowed)
            else {
                self = .missing
                return
            }
            self = .text(String(value))
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte.isASCIIDigit || (byte | 0x20) &- UInt8(ascii: "a") < 26
            || "'()+_,-./:=? ".utf8.contains(byte)
    }
}
