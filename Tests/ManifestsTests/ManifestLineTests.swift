// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Manifests
import Testing

@Suite("A manifest line")
struct ManifestLineTests {
    @Test("has the documented keys in the documented order")
    func golden() throws {
        let line = String(decoding: ManifestLine.bytes(of: try event()), as: UTF8.self)
        #expect(
            line == """
                {"seq":1,"event":"link.created","id":"0198c1b2-0000-7000-8000-00000000002a",\
                "rev":1,"template":"inbox","path":"reports/a b.pdf","size":52311,\
                "mtime":"2026-11-23T17:59:58.123456789Z",\
                "sha256":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",\
                "crc64nvme":"ASNFZ4mrze8=","content_type":"application/pdf","store":"local",\
                "bucket":"local","key":"0198c1b2-0000-7000-8000-00000000002a/reports/a b.pdf",\
                "etag":"5d41402abc4b2a76b9719d911017c592","version_id":null,\
                "integrity":"signed","method":"GET",\
                "url":"http://127.0.0.1:9400/local/a?X-Amz-Algorithm=AWS4","expires_in":86400,\
                "issued_at":"2026-11-23T18:00:00Z","expires_at":"2026-11-24T18:00:00Z",\
                "limited_by":"asked","proven_at":"2026-11-23T18:00:00Z"}

                """
        )
    }

    @Test("says null where a link was not proven and text where there is a version")
    func nulls() throws {
        let line = ManifestLine.bytes(of: try event(versionID: "v\"1", provenAt: nil))
        let text = String(decoding: line, as: UTF8.self)
        #expect(text.contains("\"version_id\":\"v\\\"1\",\"integrity\""))
        #expect(text.hasSuffix("\"proven_at\":null}\n"))
    }

    @Test("adds the bytes of a name only when the name is no good text")
    func base64() throws {
        let bad = FileName(bytes: Array("a".utf8) + [0xff])
        let line = ManifestLine.bytes(of: try event(name: bad, key: ObjectKey(bytes: bad.bytes)))
        let text = String(decoding: line, as: UTF8.self)
        #expect(text.contains("\"path\":\"a%FF\",\"path_b64\":\"Yf8=\","))
        #expect(text.contains("\"key\":\"a%FF\",\"key_b64\":\"Yf8=\","))
    }

    @Test("is one line of UTF-8 and comes back, whatever the name is", arguments: hostileNames)
    func hostile(bytes: [UInt8]) throws {
        let name = FileName(bytes: bytes)
        let told = try event(
            sequence: .max,
            name: name,
            key: ObjectKey(bytes: bytes),
            versionID: String(decoding: bytes, as: UTF8.self),
            etag: String(decoding: bytes, as: UTF8.self)
        )
        let line = ManifestLine.bytes(of: told)
        #expect(line.firstIndex(of: 0x0a) == line.count - 1)
        #expect(String(validating: line, as: UTF8.self) != nil)
        let controls = line.dropLast().filter { $0 < 0x20 || $0 == 0x7f }
        #expect(controls.isEmpty)

        let entry = try ManifestReader.entry(of: line)
        #expect(entry.name == name)
        #expect(entry.key.bytes == bytes)
        #expect(entry.sequence == .max)
        #expect(
            Array((entry.versionID ?? "").utf8)
                == Array(String(decoding: bytes, as: UTF8.self).utf8)
        )
        #expect(ManifestReader.sequence(of: line) == .max)

        let other = try JSONDecoder().decode(Independent.self, from: Data(line))
        let exact = other.pathBytes.map { Array($0) } ?? Array(other.path.utf8)
        #expect(exact == bytes)
        #expect(Array(other.etag.utf8) == Array(String(decoding: bytes, as: UTF8.self).utf8))
        #expect((other.pathBytes == nil) == NameText.isGood(bytes))
    }

    /// The same line through a reader that is not ours.
    private struct Independent: Decodable {
        var path: String
        var pathBytes: Data?
        var etag: String

        enum CodingKeys: String, CodingKey {
            case path, etag
            case pathBytes = "path_b64"
        }
    }
}
