// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs

/// A key that webhooks are signed with; never shown.
public struct WebhookKey: Sendable {
    let key: SymmetricKey

    /// Reads the text of a key: base64 of 24 to 64 bytes, as a rule with `whsec_` in front.
    ///
    /// - Returns: Nothing for any other text.
    public init?(_ text: some StringProtocol) {
        let digits = text.hasPrefix("whsec_") ? text.dropFirst(6) : text.dropFirst(0)
        guard let bytes = [UInt8](base64: digits), (24...64).contains(bytes.count) else {
            return nil
        }
        key = SymmetricKey(data: bytes)
    }

    /// Reads a file of keys: one, or two while one takes the place of the other, a line each.
    ///
    /// - Returns: Nothing when there is none, or a line that is no key.
    static func keys(in file: [UInt8]) -> [WebhookKey]? {
        let lines = String(decoding: file, as: UTF8.self)
            .split { $0 == "\n" || $0 == "\r\n" || $0 == " " || $0 == "\t" }
        guard (1...2).contains(lines.count) else { return nil }
        let keys = lines.compactMap { WebhookKey($0) }
        return keys.count == lines.count ? keys : nil
    }
}

extension WebhookKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }
    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
