// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The last of what a program printed, fit for the log: bounded, one line, without signed links.
struct OutputTail {
    /// How much is shown.
    static let limit = 4 << 10

    private var bytes: [UInt8] = []
    private var isCut = false

    mutating func append(_ more: some Collection<UInt8>) {
        bytes.append(contentsOf: more)
        guard bytes.count > 2 * Self.limit else { return }
        bytes.removeFirst(bytes.count - Self.limit)
        isCut = true
    }

    /// The text; empty when nothing was printed.
    var text: String {
        var rest = bytes.suffix(Self.limit)
        if isCut || rest.count < bytes.count {
            // It may begin amid a link, whose end would tell as much as its whole.
            rest = rest.drop { $0 > 0x20 }
        }
        let words = String(decoding: rest, as: UTF8.self).split { $0.isWhitespace || $0.isNewline }
        let text = words.map { Self.redacted($0) }.joined(separator: " ")
        return NameText.shown(Array(text.utf8))
    }

    /// A word without what follows a question mark, and without what a signature is known by.
    private static func redacted(_ word: Substring) -> String {
        if let mark = word.firstIndex(of: "?"), word.index(after: mark) < word.endIndex {
            return "\(word[..<mark])?<redacted>"
        }
        let marks = ["X-Amz-", "X-Goog-", "Signature", "sig=", "%3F", "%3f"]
        return marks.contains { word.contains($0) } ? "<redacted>" : String(word)
    }
}
