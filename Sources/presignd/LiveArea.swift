// SPDX-License-Identifier: Apache-2.0

/// The lines at the end of a terminal's output that are drawn over again and again.
///
/// Pure: it knows what stands there and says which bytes change that. The cursor rests at the start
/// of the line below. It is never hidden and no mode outlives a drawing, so that nothing has to be
/// put back however the program ends.
struct LiveArea {
    /// What stands there; nothing in it is wider than the terminal was.
    private(set) var lines: [String] = []

    /// Draws other lines in place of those that stand there, at the terminal's present width.
    mutating func draw(_ new: [String], width: Int) -> String {
        guard !(new.isEmpty && lines.isEmpty) else { return "" }
        var text = home(width)
        // Without wrapping while these are written: a line that a terminal takes to be wider than it
        // is counted here would push the rest down.
        text += Self.noWrap
        for line in new { text += line + Self.toEndOfLine + "\n" }
        text += Self.toEndOfScreen + Self.wrap
        lines = new
        return text
    }

    /// Takes away what stands there.
    mutating func erase(width: Int) -> String { draw([], width: width) }

    /// Leaves what stands there behind; the next drawing begins below.
    mutating func leave() { lines = [] }

    /// Back to the first of the lines; a narrower terminal has made several of one.
    private func home(_ width: Int) -> String {
        let rows = lines.reduce(0) { rows, line in
            rows + max((Columns.width(of: line) + width - 1) / max(width, 1), 1)
        }
        return rows == 0 ? "\r" : "\u{1b}[\(rows)A\r"
    }

    // ECMA-48 (CUU, EL, ED) and DEC's private mode 7.
    private static let toEndOfLine = "\u{1b}[K"
    private static let toEndOfScreen = "\u{1b}[J"
    private static let noWrap = "\u{1b}[?7l"
    private static let wrap = "\u{1b}[?7h"
}
