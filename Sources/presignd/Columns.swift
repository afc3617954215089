// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Text as a terminal lays it out: counted in columns, cut to fit.
///
/// Terminals differ over joined emoji and ambiguous characters. Where they do, the larger width is
/// taken: a line that comes out short does no harm, one that wraps breaks the display.
enum Columns {
    /// What stands for what was left out.
    static let ellipsis = "…"

    /// How many columns a text takes at most.
    static func width(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
    }

    /// A name or a message that is safe to show: nothing in it can move the cursor, end the line or
    /// turn the direction of what follows.
    static func safe(_ text: String) -> String { NameText.shown(Array(text.utf8)) }

    /// The text, or as much of its start as fits.
    static func cut(_ text: String, to columns: Int) -> String {
        guard width(of: text) > columns else { return text }
        guard columns > 0 else { return "" }
        return start(of: Array(text), columns - 1) + ellipsis
    }

    /// The text, or its start and its end with the middle left out: the end of a name tells most.
    static func shortened(_ text: String, to columns: Int) -> String {
        guard width(of: text) > columns else { return text }
        guard columns > 2 else { return cut(text, to: columns) }
        let characters = Array(text)
        let front = start(of: characters, (columns - 1) / 2)
        let rest = columns - 1 - width(of: front)
        let back = start(of: characters.reversed(), rest)
        return front + ellipsis + String(back.reversed())
    }

    /// The text with spaces before it, so that it ends at a column.
    static func right(_ text: String, _ columns: Int) -> String {
        String(repeating: " ", count: max(columns - width(of: text), 0)) + text
    }

    private static func start(of characters: [Character], _ columns: Int) -> String {
        var left = columns
        var taken = ""
        for character in characters {
            left -= width(of: String(character))
            if left < 0 { break }
            taken.append(character)
        }
        return taken
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x300 { return 1 }
        switch value {
        // Asks for the picture of what stands before it, which is wide.
        case 0xfe0f: return 1
        // Hangul vowels and finals, which join the syllable before.
        case 0x1160...0x11ff: return 0
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97c,
            0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f,
            0xff00...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18d08, 0x1aff0...0x1b2fb,
            0x1f200...0x1f2ff, 0x20000...0x3fffd:
            return isJoined(scalar) ? 0 : 2
        default:
            if isJoined(scalar) { return 0 }
            return scalar.properties.isEmojiPresentation ? 2 : 1
        }
    }

    private static func isJoined(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: true
        default: false
        }
    }
}
