// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Objects

/// Bytes: texts and numbers one after the other.
private func bytes(_ parts: Any...) -> [UInt8] {
    parts.flatMap { part -> [UInt8] in
        switch part {
        case let text as String: Array(text.utf8)
        case let number as Int: [UInt8(truncatingIfNeeded: number)]
        case let zeros as Zeros: Array(repeating: 0, count: zeros.count)
        default: []
        }
    }
}

private struct Zeros { var count: Int }

/// The local header of a ZIP's entry with its name.
private func entry(_ name: String, _ content: String = "") -> [UInt8] {
    bytes("PK", 3, 4, Zeros(count: 26), name, content)
}

@Suite("The type of a file whose name tells none")
struct ContentSignatureTests {
    private static let office = "application/vnd.openxmlformats-officedocument."

    @Test(
        "follows its first bytes",
        arguments: [
            (bytes("%PDF-1.7\n"), "application/pdf"),
            (bytes(0x89, "PNG", 13, 10, 26, 10), "image/png"),
            (bytes(0xff, 0xd8, 0xff, 0xe0), "image/jpeg"), (bytes("GIF89a"), "image/gif"),
            (bytes("RIFF", 1, 2, 3, 4, "WEBPVP8 "), "image/webp"),
            (bytes("RIFF", 1, 2, 3, 4, "WAVEfmt "), "audio/wav"),
            (bytes("RIFF", 1, 2, 3, 4, "\u{1}"), "application/octet-stream"),
            (bytes(0x1f, 0x8b, 8, 0), "application/gzip"),
            (bytes(0x28, 0xb5, 0x2f, 0xfd), "application/zstd"),
            (bytes(0xfd, "7zXZ", 0), "application/x-xz"), (bytes("BZh9"), "application/x-bzip2"),
            (bytes(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c), "application/x-7z-compressed"),
            (bytes("a.txt", Zeros(count: 252), "ustar"), "application/x-tar"),
            (bytes(0, 0, 0, 32, "ftypisom"), "video/mp4"),
            (bytes(0, 0, 0, 32, "ftypqt  "), "video/quicktime"),
            (bytes(0, 0, 0, 32, "ftypM4A "), "audio/mp4"),
            (bytes(0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x82, 0x84, "webm"), "video/webm"),
            (bytes(0x1a, 0x45, 0xdf, 0xa3, 0x42, 0x82, 0x88, "matroska"), "video/x-matroska"),
            (bytes("ID3", 4), "audio/mpeg"), (bytes(0xff, 0xfb, 0x90, 0x64), "audio/mpeg"),
            (bytes("fLaC"), "audio/flac"), (bytes("OggS", 0), "audio/ogg"),
            (bytes(0x7f, "ELF", 2), "application/x-elf"),
            (entry("a.txt"), "application/zip"), (bytes("PK"), "text/plain"),
            (entry("mimetype", "application/epub+zip"), "application/epub+zip"),
            (
                entry("[Content_Types].xml") + entry("word/document.xml"),
                office + "wordprocessingml.document"
            ),
            (
                entry("[Content_Types].xml") + entry("_rels/.rels") + entry("xl/workbook.xml"),
                office + "spreadsheetml.sheet"
            ),
            (
                entry("docProps/app.xml") + entry("ppt/presentation.xml"),
                office + "presentationml.presentation"
            ),
            (entry("[Content_Types].xml"), "application/zip"),
            (bytes("Grüße\n\tund mehr\r\n"), "text/plain"),
            (Array(bytes("Grüß").dropLast()), "text/plain"),
            (bytes(0xc3, "("), "application/octet-stream"),
            (bytes("a", 0, "b"), "application/octet-stream"), ([], "application/octet-stream"),
        ] as [([UInt8], String)]
    )
    func table(head: [UInt8], type: String) {
        for disposition in Disposition.allCases {
            let found = ContentType.detect(name: FileName("a"), head: head, shown: disposition)
            #expect(found == type)
        }
    }

    @Test(
        "is never one that a browser would run",
        arguments: [
            "<!doctype html><script>alert(1)</script>", "<html>", "<?xml version=\"1.0\"?><svg/>",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
        ],
        ["a", "a.unknown", ".html"]
    )
    func active(content: String, name: String) {
        for disposition in Disposition.allCases {
            let found = ContentType.detect(
                name: FileName(name),
                head: Array(content.utf8),
                shown: disposition
            )
            #expect(found == "text/plain")
        }
    }

    @Test("does not count where the name tells one, so nobody is shown a page as a picture's place")
    func nameFirst() {
        let page = Array("<html>".utf8)
        let found = ContentType.detect(name: FileName("a.png"), head: page, shown: .inline)
        #expect(found == "image/png")
    }

    @Test("is found in any bytes without a fault, and is always known to be harmless")
    func anything() {
        for _ in 0..<20_000 {
            let start =
                [[UInt8]](
                    [[], [0x50, 0x4b, 3, 4], Array("RIFF".utf8), [0x1a, 0x45, 0xdf, 0xa3]]
                ).randomElement() ?? []
            let head = start + (0..<Int.random(in: 0...80)).map { _ in UInt8.random(in: 0...255) }
            let type = ContentSignature.type(of: head)
            #expect(type.map(ContentType.isActive) != true)
        }
    }
}
