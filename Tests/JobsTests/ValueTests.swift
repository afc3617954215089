// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@Suite("A moment")
struct TimestampTests {
    @Test(
        "is written and read as RFC 3339",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"), (1_800_000_000, "2027-01-15T08:00:00Z"),
        ]
    )
    func rfc3339(seconds: Int64, text: String) {
        #expect(Timestamp(seconds: seconds).rfc3339 == text)
        #expect(Timestamp(rfc3339: text) == Timestamp(seconds: seconds))
    }

    @Test("is read with the offset of a time zone")
    func offsets() {
        let moment = Timestamp(rfc3339: "2026-11-25T12:00:00Z")
        #expect(moment != nil)
        #expect(Timestamp(rfc3339: "2026-11-25T13:00:00+01:00") == moment)
        #expect(Timestamp(rfc3339: "2026-11-25T06:30:00-05:30") == moment)
        for text in ["+1:00", "+24:00", "+01:60", "+0100", "+01:00Z", ""] {
            #expect(Timestamp(rfc3339: "2026-11-25T12:00:00" + text) == nil, "\(text)")
        }
    }

    @Test("keeps the nanoseconds of a file's mtime")
    func nanoseconds() {
        var bytes: [UInt8] = []
        Timestamp(seconds: 1, nanoseconds: 5).appendRFC3339(to: &bytes, precise: true)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text == "1970-01-01T00:00:01.000000005Z")
        #expect(Timestamp(rfc3339: text) == Timestamp(seconds: 1, nanoseconds: 5))
    }

    @Test(
        "is not read from what is no date",
        arguments: [
            "", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
            "2026-01-01 00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00Zx",
        ]
    )
    func notADate(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("agrees with itself over four centuries, day by day")
    func everyDay() {
        for day in stride(from: Int64(-73_000), to: 73_000, by: 1) {
            let moment = Timestamp(seconds: day * 86_400 + 12_345)
            #expect(CalendarTime(moment).timestamp == moment)
        }
    }
}

@Suite("A unique id")
struct UniqueIDTests {
    @Test("is a UUID of version 7 that sorts by time")
    func version7() {
        let early = UniqueID(at: Timestamp(seconds: 1_000), random: (.max, .max))
        let late = UniqueID(at: Timestamp(seconds: 1_001), random: (0, 0))
        #expect(early < late)
        let text = Array("\(early)".utf8)
        #expect(text[14] == UInt8(ascii: "7"))
        #expect("89ab".utf8.contains(text[19]))
    }

    @Test("sorts by time within a millisecond too")
    func belowMillisecond() {
        let ids = stride(from: Int64(0), to: 1_000_000, by: 1_000).map {
            UniqueID(at: Timestamp(seconds: 1_800_000_000, nanoseconds: $0))
        }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("survives its text and its bytes")
    func roundTrip() {
        let id = UniqueID(at: Timestamp(seconds: 1_800_000_000))
        #expect(UniqueID("\(id)") == id)
        #expect(UniqueID(bytes: id.bytes) == id)
    }

    @Test(
        "is not read from other texts",
        arguments: ["", "x", "0198c1b2-0000-7000-8000-00000000000g"]
    )
    func notAnID(text: String) {
        #expect(UniqueID(text) == nil)
    }
}

@Suite("A secret")
struct SecretTests {
    @Test("is never printed, dumped or reflected")
    func redacted() {
        let key = AccessKey(id: "AK", secret: Secret("hidden"), sessionToken: Secret("token"))
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("hidden") && !text.contains("token\""))
        }
    }

    @Test("a signed URL is shown without its query")
    func signedURL() {
        let url = SignedURL(Array("https://host/key?X-Amz-Signature=abc".utf8))
        var dumped = ""
        dump(url, to: &dumped)
        for text in ["\(url)", String(reflecting: url), dumped] { #expect(!text.contains("abc")) }
        #expect("\(url)" == "https://host/key?<redacted>")
    }
}

@Suite("An endpoint")
struct EndpointTests {
    @Test(
        "is read from a URL",
        arguments: [
            ("http://localhost:4566", "http://localhost:4566"),
            ("https://S3.Example.com:443/", "https://s3.example.com"),
            ("http://[::1]:9000/base/path//", "http://[::1]:9000/base/path"),
            ("http://h:80", "http://h"),
        ]
    )
    func reading(text: String, canonical: String) throws {
        #expect("\(try Endpoint(text))" == canonical)
    }

    @Test(
        "says what is wrong with it",
        arguments: [
            "localhost:4566", "ftp://x", "http://", "http://h?x", "http://h#x", "http://u@h",
            "http://h:0", "http://h:x", "http://a b", "http://::1",
        ]
    )
    func errors(text: String) {
        #expect(throws: EndpointError.self) { try Endpoint(text) }
    }

    @Test("knows addresses of this machine")
    func loopback() throws {
        for text in [
            "http://localhost", "http://127.8.9.1:1", "http://[::1]", "http://s.localhost",
        ] {
            #expect(try Endpoint(text).isLoopback)
        }
        for text in ["http://127.example.com", "http://10.0.0.1", "http://localhost.example"] {
            #expect(try !Endpoint(text).isLoopback)
        }
    }
}

@Suite("Base64 and hexadecimal")
struct EncodingTests {
    @Test("round trip at every length")
    func roundTrip() {
        for length in 0...70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            #expect([UInt8](base64: bytes.base64) == bytes)
            #expect([UInt8](hex: bytes.hex) == bytes)
        }
        #expect(Array("Man".utf8).base64 == "TWFu" && Array("Ma".utf8).base64 == "TWE=")
    }

    @Test(
        "refuse what they did not write",
        arguments: ["a", "ab=c", "====", "TWE", "T*==", "=TWE"]
    )
    func refuse(text: String) {
        #expect([UInt8](base64: text) == nil)
        #expect([UInt8](hex: text + "g0") == nil)
    }
}
