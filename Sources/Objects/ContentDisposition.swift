// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// The `Content-Disposition` of an object: what a browser should do with it and what it is called.
///
/// Always ASCII: a name outside Latin-1 in this header is a 400 on AWS (dataverse#4524). A name
/// that is more than plain ASCII is given twice, as RFC 6266, section 5 shows: a fallback in
/// `filename`, and the whole in `filename*` (RFC 8187), which every present client prefers.
public enum ContentDisposition: Sendable {
    /// Writes the value for a file; of its name the last part counts.
    public static func value(_ disposition: Disposition, _ name: FileName) -> String {
        // Control bytes, invalid UTF-8 and bidi overrides become %XX text before all else.
        let text = NameText.percentEscaped(Array(name.lastPart))
        var header = Array(disposition.rawValue.utf8)
        header.append(text: "; filename=\"")
        let plain = text.allSatisfy(isPlain)
        if plain {
            header.append(contentsOf: text)
        } else {
            appendFallback(of: text, to: &header)
        }
        header.append(UInt8(ascii: "\""))
        if !plain { appendExtended(text, to: &header) }
        return String(decoding: header, as: UTF8.self)
    }

    /// Whether a byte means itself in a quoted string for every client; some decode `%XX` there.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "%"): false
        case 0x20...0x7e: true
        default: false
        }
    }

    /// One `_` for each character that cannot stand in the quoted string.
    private static func appendFallback(of text: [UInt8], to header: inout [UInt8]) {
        for byte in text {
            if isPlain(byte) {
                header.append(byte)
            } else if byte & 0xc0 != 0x80 {
                header.append(UInt8(ascii: "_"))
            }
        }
    }

    private static func appendExtended(_ text: [UInt8], to header: inout [UInt8]) {
        header.append(text: "; filename*=UTF-8''")
        for byte in text {
            if isAttributeCharacter(byte) {
                header.append(byte)
            } else {
                header.appendPercentEscape(byte)
            }
        }
    }

    /// `attr-char` of RFC 8187, section 3.2.1.
    private static func isAttributeCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "&"),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"),
            UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
