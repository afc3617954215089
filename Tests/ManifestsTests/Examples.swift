// SPDX-License-Identifier: Apache-2.0

import Jobs
import Manifests
import Testing

/// An event as the daemon makes it, with the parts a test varies.
func event(
    sequence: Int64 = 1,
    name: FileName = FileName("reports/a b.pdf"),
    key: ObjectKey? = nil,
    versionID: String? = nil,
    etag: String = "5d41402abc4b2a76b9719d911017c592",
    provenAt: Timestamp? = Timestamp(seconds: 1_795_456_800)
) throws -> LinkEvent {
    let id = try #require(UniqueID("0198c1b2-0000-7000-8000-00000000002a"))
    return LinkEvent(
        sequence: sequence,
        kind: .created,
        link: Link(
            id: id,
            revision: 1,
            issuedAt: Timestamp(seconds: 1_795_456_800),
            expiresIn: 86_400,
            limitedBy: .asked,
            provenAt: provenAt
        ),
        template: "inbox",
        name: name,
        modified: Timestamp(seconds: 1_795_456_798, nanoseconds: 123_456_789),
        receipt: Receipt(
            size: 52_311,
            sha256: Array(0..<32),
            crc64nvme: 0x0123_4567_89ab_cdef,
            contentType: "application/pdf",
            etag: etag,
            versionID: versionID,
            integrity: .signed
        ),
        store: "local",
        bucket: "local",
        key: key ?? ObjectKey("\(id)/reports/a b.pdf"),
        url: SignedURL(Array("http://127.0.0.1:9400/local/a?X-Amz-Algorithm=AWS4".utf8))
    )
}

/// Names that broke other programs, and every single byte a name may have.
let hostileNames: [[UInt8]] =
    (1...255).filter { $0 != 0x2f }.map { [UInt8($0)] } + [
        Array("a\nb".utf8), Array("\",\"seq\":99,\"x\":\"".utf8), Array("back\\slash".utf8),
        Array("line\u{2028}and\u{2029}paragraph".utf8), Array("\u{202e}fdp.exe".utf8),
        Array("NFC é, NFD e\u{301}, 漢字, 🏳️‍🌈".utf8), Array("\u{7f}\u{80}\u{9f}".utf8),
        Array("a/../b".utf8), Array(".".utf8), Array("100%41".utf8), Array("\u{feff}bom".utf8),
        [0xff, 0xfe], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc0, 0xaf],
        [0x61, 0xff, 0x62, 0x25], [UInt8](repeating: 0xff, count: 4_096),
    ]
