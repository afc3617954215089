// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The place in a URL that bytes are encoded for.
enum URLPart: Sendable {
    /// The path of an object: a slash parts it and stays.
    case path
    /// A name or a value in the query: a slash is written `%2F`.
    case query

    /// Whether a byte stands for itself here: unreserved characters (RFC 3986, section 2.3) only.
    ///
    /// Two words of bits instead of comparisons: this is asked for every byte of every key.
    func keeps(_ byte: UInt8) -> Bool {
        let word: UInt64
        switch byte >> 6 {
        case 0: word = self == .path ? Self.digitsAndMarks | 1 << 47 : Self.digitsAndMarks
        case 1: word = Self.lettersAndMarks
        default: return false
        }
        return word >> UInt64(byte & 63) & 1 == 1
    }

    /// `-`, `.` and the digits, by their code.
    private static let digitsAndMarks: UInt64 = 1 << 45 | 1 << 46 | 0x3ff << 48
    /// The letters, `_` and `~`, by their code less 64.
    private static let lettersAndMarks: UInt64 =
        0x3ff_ffff << 1 | 1 << 31 | 0x3ff_ffff << 33 | 1 << 62
}

extension [UInt8] {
    /// Appends bytes with all but unreserved characters written as `%XX` (RFC 3986, section 2.1).
    ///
    /// Nothing else happens to them: no normalisation of Unicode, `.`, `..` or `//`, which S3 takes
    /// as parts of a name, and a space never becomes `+`, which S3 takes as itself.
    mutating func append(encoding bytes: ArraySlice<UInt8>, for part: URLPart) {
        var plain = bytes.startIndex
        for index in bytes.indices where !part.keeps(bytes[index]) {
            append(contentsOf: bytes[plain..<index])
            appendPercentEscape(bytes[index])
            plain = index + 1
        }
        append(contentsOf: bytes[plain...])
    }

    /// Appends a text, by its UTF-8 bytes, encoded for the query.
    mutating func append(encodingForQuery text: String) {
        append(encoding: Array(text.utf8)[...], for: .query)
    }

    /// Appends `?name=value` or `&name=value`, encoded; `mark` is the one to write, and the next.
    mutating func append(parameter name: String, _ value: String, after mark: inout UInt8) {
        append(mark)
        append(encodingForQuery: name)
        append(UInt8(ascii: "="))
        append(encodingForQuery: value)
        mark = UInt8(ascii: "&")
    }

    /// Undoes percent-encoding, or gives nothing when a `%` begins no escape; `+` stays `+`.
    init?(percentDecoding text: ArraySlice<UInt8>) {
        self = []
        reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            guard text[index] == UInt8(ascii: "%") else {
                append(text[index])
                index += 1
                continue
            }
            guard index + 2 < text.endIndex, let high = text[index + 1].hexValue,
                let low = text[index + 2].hexValue
            else { return nil }
            append(high << 4 | low)
            index += 3
        }
    }
}
