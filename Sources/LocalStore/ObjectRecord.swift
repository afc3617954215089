// SPDX-License-Identifier: Apache-2.0

import Jobs

/// All the store knows of an object besides its bytes.
///
/// It stands behind the body in the object's file, as text that a person can read:
///
///     presignd object
///     key: reports/a b.pdf
///     size: 52311
///     etag: 9a0364b9e99bb480dd25e1f0284c8555
///     modified: 2026-11-23T18:00:00.123456789Z
///     content-type: application/pdf
///     x-amz-meta-presignd-id: 0198c1b2-…
///     x-amz-checksum-crc64nvme: fBk5SqCYJ6s=
///     presignd record 00000123 89abcdef
///
/// The last line holds the record's length and its CRC-32C, both in hexadecimal, without itself.
/// In the key, bytes that are no printable ASCII, and `%`, are written as `%XX`.
struct ObjectRecord: Hashable, Sendable {
    /// The object's key.
    var key: ObjectKey
    /// Bytes of the body.
    var size: Int64
    /// The MD5 of the body in hexadecimal; of an upload in parts, the MD5 of theirs, and `-COUNT`.
    var etag: String
    /// When it was stored.
    var modified: Timestamp
    /// The upload in parts that made it, by its id, so that the client may ask for its end again.
    var upload: String?
    /// The headers stored with it, names in lower case: `content-type`, `x-amz-meta-*` and so on.
    var headers: [Header]
    /// The checksums known of the body, by header name, in base64.
    var checksums: [Header]

    /// No record is longer: a key of 1,024 escaped bytes, 8 KiB of headers, 2 KiB of metadata.
    static let longest = 16_384
    private static let firstLine = "presignd object\n"
    private static let lastLine = "presignd record "
    private static let footerLength = 34

    /// The record as it stands in the file, last line and all.
    func encoded() -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(512)
        text.append(text: Self.firstLine)
        text.append(text: "key: ")
        for byte in key.bytes {
            if byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "%") {
                text.append(byte)
            } else {
                text.appendPercentEscape(byte)
            }
        }
        text.append(text: "\nsize: ")
        text.appendDecimal(Int(size))
        text.append(text: "\netag: ")
        text.append(text: etag)
        text.append(text: "\nmodified: ")
        modified.appendRFC3339(to: &text, precise: true)
        text.append(UInt8(ascii: "\n"))
        if let upload { text.append(text: "upload: \(upload)\n") }
        for header in headers + checksums {
            text.append(text: header.name)
            text.append(text: ": ")
            text.append(text: header.value)
            text.append(UInt8(ascii: "\n"))
        }
        return text + Self.footer(of: text)
    }

    private static func footer(of text: [UInt8]) -> [UInt8] {
        var footer: [UInt8] = []
        footer.append(text: lastLine)
        footer.appendHex(bigEndian(UInt32(text.count)))
        footer.append(UInt8(ascii: " "))
        footer.appendHex(bigEndian(CyclicCheck.crc32c.value(of: text)))
        footer.append(UInt8(ascii: "\n"))
        return footer
    }

    /// Reads the record at the end of a file, or nothing when what stands there is none.
    ///
    /// - Parameters:
    ///   - tail: the last bytes of the file, at least as many as the record has.
    ///   - fileSize: the size of the whole file, which must be that of body and record.
    init?(tail: ArraySlice<UInt8>, fileSize: Int64) {
        let footer = tail.suffix(Self.footerLength)
        guard footer.count == Self.footerLength, footer.starts(with: Self.lastLine.utf8),
            let length = Self.number(footer.dropFirst(Self.lastLine.utf8.count).prefix(8)),
            Int(length) + Self.footerLength <= tail.count
        else { return nil }
        let text = Array(tail.dropLast(Self.footerLength).suffix(Int(length)))
        guard footer.elementsEqual(Self.footer(of: text)),
            text.starts(with: Self.firstLine.utf8)
        else { return nil }
        self.init(lines: text.dropFirst(Self.firstLine.utf8.count))
        guard size == fileSize - Int64(text.count + Self.footerLength) else { return nil }
    }

    private init?(lines: ArraySlice<UInt8>) {
        var fields: [Header] = []
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
                line.endIndex >= colon + 2
            else { return nil }
            fields.append(
                Header(
                    String(decoding: line[..<colon], as: UTF8.self),
                    String(decoding: line[(colon + 2)...], as: UTF8.self)
                )
            )
        }
        guard fields.count >= 4,
            fields.prefix(4).map(\.name) == ["key", "size", "etag", "modified"],
            let key = PercentText.decode(Array(fields[0].value.utf8)),
            let size = Int64(fields[1].value),
            let modified = Timestamp(rfc3339: fields[3].value)
        else { return nil }
        self.key = ObjectKey(bytes: key)
        self.size = size
        etag = fields[2].value
        self.modified = modified
        var rest = fields.dropFirst(4)
        upload = rest.first?.name == "upload" ? rest.removeFirst().value : nil
        headers = rest.filter { !$0.name.hasPrefix("x-amz-checksum-") }
        checksums = rest.filter { $0.name.hasPrefix("x-amz-checksum-") }
    }

    init(
        key: ObjectKey,
        size: Int64,
        etag: String,
        modified: Timestamp,
        upload: String? = nil,
        headers: [Header],
        checksums: [Header]
    ) {
        self.key = key
        self.size = size
        self.etag = etag
        self.modified = modified
        self.upload = upload
        self.headers = headers
        self.checksums = checksums
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt32? {
        var value: UInt32 = 0
        for digit in digits {
            guard let digit = digit.hexValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
