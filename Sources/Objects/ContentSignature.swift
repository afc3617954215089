// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// What the first bytes of a file say it is.
///
/// Only formats whose beginning cannot be taken for another's; markup is text here, whatever it
/// says it is.
enum ContentSignature {
    /// The type, or nothing for an empty file and for what is not known.
    static func type(of head: [UInt8]) -> String? {
        guard !head.isEmpty else { return nil }
        if let known = atStart.first(where: { head.starts(with: $0.bytes) }) { return known.type }
        if head.starts(with: [0x50, 0x4b, 0x03, 0x04]) { return archive(head) }
        if head.has("RIFF", at: 0) { return riff(head) }
        if head.has("ftyp", at: 4) { return media(head) }
        if head.starts(with: [0x1a, 0x45, 0xdf, 0xa3]) { return matroska(head) }
        if head.has("ustar", at: 257) { return "application/x-tar" }
        // A frame of MPEG audio, layer III, without tags before it (ISO/IEC 11172-3, 2.4.2.3).
        if head.count > 2, head[0] == 0xff, head[1] & 0xfe == 0xfa, head[2] & 0xf0 != 0xf0 {
            return "audio/mpeg"
        }
        return isText(head) ? "text/plain" : nil
    }

    private static let atStart: [(bytes: [UInt8], type: String)] = [
        (Array("%PDF-".utf8), "application/pdf"),
        ([0x89] + Array("PNG\r\n".utf8) + [0x1a, 0x0a], "image/png"),
        ([0xff, 0xd8, 0xff], "image/jpeg"),
        (Array("GIF87a".utf8), "image/gif"), (Array("GIF89a".utf8), "image/gif"),
        (Array("II*".utf8) + [0], "image/tiff"), ([0x4d, 0x4d, 0, 0x2a], "image/tiff"),
        ([0x1f, 0x8b, 8], "application/gzip"),
        ([0x28, 0xb5, 0x2f, 0xfd], "application/zstd"),
        ([0xfd] + Array("7zXZ".utf8) + [0], "application/x-xz"),
        (Array("BZh".utf8), "application/x-bzip2"),
        ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "application/x-7z-compressed"),
        (Array("Rar!".utf8) + [0x1a, 7], "application/vnd.rar"),
        (Array("ID3".utf8), "audio/mpeg"),
        (Array("fLaC".utf8), "audio/flac"),
        (Array("OggS".utf8) + [0], "audio/ogg"),
        (Array("SQLite format 3".utf8) + [0], "application/vnd.sqlite3"),
        ([0x7f] + Array("ELF".utf8), "application/x-elf"),
        ([0, 0x61, 0x73, 0x6d], "application/wasm"),
    ]

    /// What a ZIP holds, by the names of its first entries and by a stored `mimetype` (EPUB OCF 3.3,
    /// section 4.3; OpenDocument 1.3, part 2, section 3.3).
    private static func archive(_ head: [UInt8]) -> String {
        let zip = "application/zip"
        if head.has("mimetype", at: 30) {
            let declared = [
                "application/epub+zip", "application/vnd.oasis.opendocument.text",
                "application/vnd.oasis.opendocument.spreadsheet",
                "application/vnd.oasis.opendocument.presentation",
            ]
            return declared.first { head.has($0, at: 38) } ?? zip
        }
        guard
            head.has("[Content_Types].xml", at: 30) || head.has("_rels/.rels", at: 30)
                || head.has("docProps/", at: 30)
        else { return zip }
        let office = "application/vnd.openxmlformats-officedocument."
        let folders = [
            ("word/", "wordprocessingml.document"), ("xl/", "spreadsheetml.sheet"),
            ("ppt/", "presentationml.presentation"),
        ]
        for place in head.indices where head.has("PK\u{3}\u{4}", at: place) {
            if let folder = folders.first(where: { head.has($0.0, at: place + 30) }) {
                return office + folder.1
            }
        }
        return zip
    }

    private static func riff(_ head: [UInt8]) -> String? {
        let kinds = [
            ("WEBP", "image/webp"), ("WAVE", "audio/wav"), ("AVI ", "video/x-msvideo"),
        ]
        return kinds.first { head.has($0.0, at: 8) }?.1
    }

    /// ISO/IEC 14496-12, section 4.3: the brand says who made the file.
    private static func media(_ head: [UInt8]) -> String {
        let brands = [
            ("qt  ", "video/quicktime"), ("M4A ", "audio/mp4"), ("M4B ", "audio/mp4"),
            ("avif", "image/avif"), ("heic", "image/heic"), ("heix", "image/heic"),
            ("mif1", "image/heif"), ("3gp", "video/3gpp"),
        ]
        return brands.first { head.has($0.0, at: 8) }?.1 ?? "video/mp4"
    }

    /// The `DocType` of the header stands within its first few dozen bytes (RFC 8794, section 11.2.4).
    private static func matroska(_ head: [UInt8]) -> String? {
        for place in head.indices.prefix(64) {
            if head.has("webm", at: place) { return "video/webm" }
            if head.has("matroska", at: place) { return "video/x-matroska" }
        }
        return nil
    }

    /// Whether it is UTF-8 without control characters; the head may end within a character.
    private static func isText(_ head: [UInt8]) -> Bool {
        let isPlain = head.allSatisfy { byte in
            switch byte {
            case 0x09, 0x0a, 0x0c, 0x0d, 0x1b: true
            case 0..<0x20, 0x7f: false
            default: true
            }
        }
        guard isPlain else { return false }
        return (0..<4).contains { cut in
            head.suffix(cut).allSatisfy { $0 >= 0x80 }
                && String(validating: head.dropLast(cut), as: UTF8.self) != nil
        }
    }
}

extension [UInt8] {
    /// Whether a text stands at a place.
    fileprivate func has(_ text: String, at place: Int) -> Bool {
        place <= count && self[place...].starts(with: text.utf8)
    }
}
