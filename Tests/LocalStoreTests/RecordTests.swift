// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import LocalStore

@Suite("The record behind an object's bytes")
struct RecordTests {
    static let record = ObjectRecord(
        key: ObjectKey(bytes: Array("a\nb%/\u{e9}".utf8) + [0xff]),
        size: 3,
        etag: "5289df737df57326fcdd22597afb1fac",
        modified: Timestamp(seconds: 1_795_456_800, nanoseconds: 123_456_789),
        headers: [Header("content-type", "text/plain"), Header("x-amz-meta-a", " b: c ")],
        checksums: [Header("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")]
    )

    @Test("is read as it was written")
    func roundTrip() {
        let text = Self.record.encoded()
        let file: [UInt8] = [1, 2, 3] + text
        #expect(ObjectRecord(tail: file[...], fileSize: Int64(file.count)) == Self.record)
        #expect(ObjectRecord(tail: text[...], fileSize: Int64(file.count)) == Self.record)
    }

    @Test("is text a person can read, with the key in it")
    func text() {
        let text = String(decoding: Self.record.encoded(), as: UTF8.self)
        #expect(text.hasPrefix("presignd object\nkey: a%0Ab%25/%C3%A9%FF\nsize: 3\n"))
        #expect(text.contains("\nmodified: 2026-11-23T18:00:00.123456789Z\n"))
    }

    @Test("that is torn, altered or of another body is none")
    func damage() {
        let file: [UInt8] = [1, 2, 3] + Self.record.encoded()
        #expect(ObjectRecord(tail: file[...], fileSize: Int64(file.count + 1)) == nil)
        for count in 0..<file.count {
            #expect(ObjectRecord(tail: file[..<count], fileSize: Int64(count)) == nil)
        }
        for index in 3..<file.count {
            var altered = file
            altered[index] ^= 1
            #expect(ObjectRecord(tail: altered[...], fileSize: Int64(file.count)) == nil)
        }
    }

    @Test("is never longer than what is read at once")
    func bound() {
        var record = Self.record
        record.key = ObjectKey(bytes: [UInt8](repeating: 0xff, count: Gate.longestKey))
        record.headers = [
            Header("expires", String(repeating: "x", count: HeaderPolicy.longestHeaders)),
            Header("x-amz-meta-a", String(repeating: "x", count: HeaderPolicy.longestMetadata)),
        ]
        #expect(record.encoded().count <= ObjectRecord.longest)
    }

    @Test("checks of the catalogue come out right whole and in pieces")
    func checks() {
        let bytes = Array("123456789".utf8)
        #expect(CyclicCheck.crc32.value(of: bytes) == 0xcbf4_3926)
        #expect(CyclicCheck.crc32c.value(of: bytes) == 0xe306_9283)
        for split in 0...bytes.count {
            var crc = CyclicCheck.crc32.value(of: Array(bytes[..<split]))
            crc = unsafe bytes[split...].withUnsafeBytes {
                unsafe CyclicCheck.crc32.update(crc, $0)
            }
            #expect(crc == 0xcbf4_3926)
        }
    }

    @Test("dates are those of HTTP")
    func dates() {
        let moment = Timestamp(seconds: 784_111_777)
        #expect(HTTPDate.text(moment) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.moment("Sun, 06 Nov 1994 08:49:37 GMT") == moment)
        #expect(HTTPDate.text(Timestamp(seconds: 0)) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.text(Timestamp(seconds: 1_795_456_800)) == "Mon, 23 Nov 2026 18:00:00 GMT")
        for text in ["", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT"] {
            #expect(HTTPDate.moment(text) == nil)
        }
    }
}
