// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs

/// The lines that show an upload on a terminal: files on their way, and below them the sum.
///
/// Pure: the same upload at the same size gives the same lines. Each takes less than the width, since
/// a terminal may count a character wider than `Columns` does. The name comes last in its line, so
/// that such a difference moves nothing else.
struct UploadFrame {
    /// Columns of the terminal.
    let width: Int
    /// Lines of the terminal.
    let height: Int

    private var room: Int { max(width - 1, 1) }

    /// The lines of an upload, the sum last.
    func lines(_ upload: UploadTally) -> [String] {
        // One line for the sum, one for the cursor.
        let places = max(height - 2, 0)
        let moving = upload.moving
        let shown = moving.count > places ? max(places - 1, 0) : moving.count
        var lines = moving.prefix(shown).map(line)
        if shown < moving.count, places > 0 {
            lines.append(Columns.cut("and \(moving.count - shown) more on their way", to: room))
        }
        return lines + [sum(upload)]
    }

    private func line(_ file: FileInMotion) -> String {
        let percent = UploadTally.percent(file.sent, of: file.size)
        var line = Columns.right("\(percent)%", 4)
        if width >= 60 { line += " " + Self.bar(percent) }
        if width >= 36 { line += " " + Columns.right(QuantityWords.size(file.size), 8) }
        line += width >= 36 ? "  " : " "
        let left = room - Columns.width(of: line)
        line += Columns.shortened(Columns.safe(file.path), to: max(left, 0))
        return Columns.cut(line, to: room)
    }

    private static func bar(_ percent: Int) -> String {
        let full = percent / 10
        return "[" + String(repeating: "#", count: full)
            + String(repeating: "-", count: 10 - full) + "]"
    }

    /// The sum; what matters least is left out first where the width does not take it all.
    private func sum(_ upload: UploadTally) -> String {
        let ended = upload.done + upload.failed
        let count = "\(ended)/\(upload.files)"
        var fields: [(text: String, rank: Int)] = [
            (width < 36 ? count : count + " files", 0),
            ("\(upload.percent)%", 2),
        ]
        if upload.total > 0 {
            let of = QuantityWords.size(upload.total)
            fields.append((QuantityWords.size(upload.bytes) + " of " + of, 6))
        }
        if let rate = upload.pace.rate { fields.append((QuantityWords.rate(rate), 4)) }
        if let left = upload.timeLeft { fields.append((QuantityWords.time(left) + " left", 3)) }
        if upload.waiting > 0 { fields.append(("\(upload.waiting) waiting", 5)) }
        if upload.failed > 0 { fields.append(("\(upload.failed) failed", 1)) }
        while fields.count > 1, Self.width(fields.map(\.text)) > room,
            let least = fields.indices.max(by: { fields[$0].rank < fields[$1].rank })
        {
            fields.remove(at: least)
        }
        return Columns.cut(fields.map(\.text).joined(separator: "  "), to: room)
    }

    private static func width(_ texts: [String]) -> Int {
        Columns.width(of: texts.joined(separator: "  "))
    }
}
