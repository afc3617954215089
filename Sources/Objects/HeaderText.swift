// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// Values from templates and file names, in the form that headers can carry.
///
/// Metadata must be US-ASCII. What is not stands as `%XX` of its UTF-8 bytes: the same on every
/// store, undone by one call in any language. RFC 2047 would be taken apart and put together anew by
/// AWS, kept as opaque text by others, and need many words for one long name.
enum HeaderText {
    /// A value of metadata: printable ASCII as it is, the rest as `%XX`.
    ///
    /// A `%` is escaped where two digits follow it, so that the way back is always clear; and so are
    /// spaces that would be lost on the way, because a signature covers a run of them as one.
    static func metadata(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            let isKept =
                switch byte {
                case UInt8(ascii: " "):
                    index > 0 && index + 1 < bytes.count && bytes[index - 1] != byte
                case UInt8(ascii: "%"): !isEscape(bytes, at: index)
                case 0x21...0x7e: true
                default: false
                }
            if isKept { text.append(byte) } else { text.appendPercentEscape(byte) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Tags as the parameters of a query: `a=b&c=d`.
    static func tags(_ tags: [QueryItem]) -> String {
        var text: [UInt8] = []
        for tag in tags {
            if !text.isEmpty { text.append(UInt8(ascii: "&")) }
            append(tag.name, to: &text)
            text.append(UInt8(ascii: "="))
            append(tag.value, to: &text)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func isEscape(_ bytes: [UInt8], at index: Int) -> Bool {
        let digits = bytes[(index + 1)...].prefix(2)
        return digits.count == 2 && digits.allSatisfy { $0.hexValue != nil }
    }

    /// Escapes all but the unreserved characters of RFC 3986, section 2.3.
    private static func append(_ part: String, to text: inout [UInt8]) {
        for byte in part.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                text.append(byte)
            default:
                text.appendPercentEscape(byte)
            }
        }
    }
}
