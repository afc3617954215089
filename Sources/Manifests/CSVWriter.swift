// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Comma-separated values (RFC 4180) with a header, every link a record.
///
/// URL and path come first, as `rclone copyurl --urls` reads them. A cell that a spreadsheet would
/// take for a formula begins with `'` (OWASP, "CSV Injection").
struct CSVWriter: FormatWriter {
    mutating func begin(_ out: inout [UInt8]) {
        out.append(
            text: "url,path,template,size,sha256,content_type,mtime,issued_at,expires_at,id,rev\r\n"
        )
    }

    mutating func append(_ entry: ManifestEntry, line: ArraySlice<UInt8>, to out: inout [UInt8]) {
        Self.append(entry.url.reveal(), to: &out)
        out.append(UInt8(ascii: ","))
        Self.append(NameText.percentEscaped(entry.name.bytes), to: &out)
        out.append(UInt8(ascii: ","))
        Self.append(Array(entry.template.utf8), to: &out)
        out.append(UInt8(ascii: ","))
        out.appendDecimal(Int(entry.size))
        out.append(UInt8(ascii: ","))
        out.appendHex(entry.sha256)
        out.append(UInt8(ascii: ","))
        Self.append(Array(entry.contentType.utf8), to: &out)
        for moment in [entry.modified, entry.issuedAt, entry.expiresAt] {
            out.append(UInt8(ascii: ","))
            moment.appendRFC3339(to: &out)
        }
        out.append(UInt8(ascii: ","))
        entry.id.append(to: &out)
        out.append(UInt8(ascii: ","))
        out.appendDecimal(entry.revision)
        out.append(text: "\r\n")
    }

    /// Appends one cell: with `'` where a line of it would be a formula, in quotes where it needs them.
    static func append(_ cell: [UInt8], to out: inout [UInt8]) {
        let text = defused(cell)
        let special = [0x22, 0x2c, 0x0a, 0x0d] as [UInt8]
        let isPlain = !text.contains { special.contains($0) }
        guard !isPlain || text.first == 0x20 || text.last == 0x20 else {
            return out.append(contentsOf: text)
        }
        out.append(UInt8(ascii: "\""))
        for byte in text {
            if byte == UInt8(ascii: "\"") { out.append(byte) }
            out.append(byte)
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func defused(_ cell: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(cell.count + 1)
        var isAtStart = true
        for (index, byte) in cell.enumerated() {
            if isAtStart, isFormula(cell[index...]) { out.append(UInt8(ascii: "'")) }
            isAtStart = byte == 0x0a || byte == 0x0d
            out.append(byte)
        }
        return out
    }

    /// Whether a line begins, after spaces and no-break spaces, as a formula does.
    private static func isFormula(_ line: ArraySlice<UInt8>) -> Bool {
        var rest = line
        while true {
            if rest.first == UInt8(ascii: " ") {
                rest = rest.dropFirst()
            } else if rest.starts(with: [0xc2, 0xa0]) {
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        return formulaStarts.contains { rest.starts(with: $0) }
    }

    /// Also the full-width forms, which spreadsheets of East Asia take for the same.
    private static let formulaStarts: [[UInt8]] = [
        [0x3d], [0x2b], [0x2d], [0x40], [0x09], [0x0d], Array("＝".utf8), Array("＋".utf8),
        Array("－".utf8), Array("＠".utf8),
    ]
}
