// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What a `Range` header asks of an object of known size (RFC 9110, section 14).
enum ByteRange: Hashable, Sendable {
    /// Everything: no range, one that cannot be read, or several, which S3 does not serve either.
    case whole
    /// These bytes.
    case part(Range<Int64>)
    /// No byte of the object: an error 416.
    case unsatisfiable

    init(_ header: String?, size: Int64) {
        self = .whole
        guard let header, header.lowercased().hasPrefix("bytes=") else { return }
        let ends = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return }
        switch (Self.number(ends[0]), Self.number(ends[1])) {
        case (.some(let first), .some(let last)):
            guard first <= last else { return }
            self = first < size ? .part(first..<min(last, size - 1) + 1) : .unsatisfiable
        case (.some(let first), nil) where ends[1].isEmpty:
            self = first < size ? .part(first..<size) : .unsatisfiable
        case (nil, .some(let length)) where ends[0].isEmpty:
            self = length > 0 && size > 0 ? .part(max(0, size - length)..<size) : .unsatisfiable
        default: return
        }
    }

    /// A number too big for a file counts as the biggest, so that `0-99999999999999999999` works.
    private static func number(_ text: Substring) -> Int64? {
        let text = text.trimmed
        guard !text.isEmpty, text.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        return Int64(text).map { min($0, .max - 1) } ?? .max - 1
    }
}

extension Substring {
    /// The text without the blanks around it.
    var trimmed: Substring {
        var text = self
        while let first = text.utf8.first, first == 0x20 || first == 0x09 { text.removeFirst() }
        while let last = text.utf8.last, last == 0x20 || last == 0x09 { text.removeLast() }
        return text
    }
}
