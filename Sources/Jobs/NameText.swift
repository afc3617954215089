// SPDX-License-Identifier: Apache-2.0

/// What makes a name good text, and how one that is not is shown or made into a key.
///
/// Not good: invalid UTF-8, control characters (C0, DEL, C1), the bidirectional overrides that make
/// a name read as another (Unicode TR #36), and the parts `.` and `..` (versitygw#2274, aws-cli#5050).
public enum NameText: Sendable {
    /// Whether a name can be used in a key and shown as it is.
    public static func isGood(_ bytes: [UInt8]) -> Bool {
        // Nearly every name is printable ASCII without a dot part: one cheap pass decides.
        if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return !hasDotPart(bytes) }
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        return text.unicodeScalars.allSatisfy { !isHidden($0) } && !hasDotPart(bytes)
    }

    /// The name as text for people: bytes that are no good text become `\xHH`.
    public static func shown(_ bytes: [UInt8]) -> String {
        escaped(bytes, escapingDotParts: false) { byte, out in
            out.append(text: "\\x")
            out.appendHex(byte)
        }
    }

    /// The name as text in which bytes that are no good text stand as `%XX`; good text as it is.
    ///
    /// In a name that needs escapes every `%` is escaped too.
    public static func percentEscaped(_ bytes: [UInt8]) -> [UInt8] {
        if isGood(bytes) { return bytes }
        var out: [UInt8] = []
        visit(bytes, escapingDotParts: true) { piece, isGood in
            for byte in piece {
                if isGood && byte != UInt8(ascii: "%") {
                    out.append(byte)
                } else {
                    out.appendPercentEscape(byte)
                }
            }
        }
        return out
    }

    /// The name as it stands in a key under `bad_name: percent`.
    ///
    /// A `%XX` that is part of the name is escaped too, so that two names never share a key.
    public static func keyText(_ bytes: [UInt8]) -> [UInt8] {
        guard isGood(bytes) else { return percentEscaped(bytes) }
        guard bytes.contains(UInt8(ascii: "%")) else { return bytes }
        var out: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            let digits = bytes[(index + 1)...].prefix(2)
            let isEscape = digits.count == 2 && digits.allSatisfy { $0.hexValue != nil }
            if byte == UInt8(ascii: "%"), isEscape {
                out.appendPercentEscape(byte)
            } else {
                out.append(byte)
            }
        }
        return out
    }

    private static func escaped(
        _ bytes: [UInt8],
        escapingDotParts: Bool,
        _ escape: (UInt8, inout [UInt8]) -> Void
    ) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        visit(bytes, escapingDotParts: escapingDotParts) { piece, isGood in
            if isGood {
                out.append(contentsOf: piece)
            } else {
                for byte in piece { escape(byte, &out) }
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Walks the bytes in runs that are, or are not, good text.
    private static func visit(
        _ bytes: [UInt8],
        escapingDotParts: Bool,
        _ body: (ArraySlice<UInt8>, Bool) -> Void
    ) {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if escapingDotParts, let end = dotPart(in: bytes, at: index) {
                body(bytes[index..<end], false)
                index = end
                continue
            }
            let (length, scalar) = scalarLength(bytes, at: index)
            let end = index + length
            body(bytes[index..<end], scalar.map { !isHidden($0) } ?? false)
            index = end
        }
    }

    /// Decodes one scalar; an invalid byte counts as a run of one without a scalar.
    private static func scalarLength(_ bytes: [UInt8], at index: Int) -> (Int, Unicode.Scalar?) {
        if bytes[index] < 0x80 { return (1, Unicode.Scalar(bytes[index])) }
        for length in 2...4 where index + length <= bytes.endIndex {
            let piece = bytes[index..<(index + length)]
            if let text = String(validating: piece, as: UTF8.self),
                let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1
            {
                return (length, scalar)
            }
        }
        return (1, nil)
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1f, 0x7f...0x9f: true
        case 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    private static func hasDotPart(_ bytes: [UInt8]) -> Bool {
        var length = 0
        var dots = 0
        for byte in bytes {
            if byte == UInt8(ascii: "/") {
                if dots == length, length == 1 || length == 2 { return true }
                length = 0
                dots = 0
            } else {
                length += 1
                dots += byte == UInt8(ascii: ".") ? 1 : 0
            }
        }
        return dots == length && (length == 1 || length == 2)
    }

    /// The end of a part that is `.` or `..` and starts at `index`.
    private static func dotPart(in bytes: [UInt8], at index: Int) -> Int? {
        let slash = UInt8(ascii: "/")
        guard index == 0 || bytes[index - 1] == slash else { return nil }
        let part = bytes[index...].prefix { $0 != slash }
        guard part.count <= 2, !part.isEmpty, part.allSatisfy({ $0 == UInt8(ascii: ".") }) else {
            return nil
        }
        return part.endIndex
    }
}
