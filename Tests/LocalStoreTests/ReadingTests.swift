// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import LocalStore

@Suite("Reading from the embedded store", .timeLimit(.minutes(3)))
struct ReadingTests {
    static let ranges: [(String?, Int64, ByteRange)] = [
        (nil, 10, .whole),
        ("bytes=0-0", 10, .part(0..<1)),
        ("bytes=2-5", 10, .part(2..<6)),
        ("bytes=5-", 10, .part(5..<10)),
        ("bytes=5-99999999999999999999999", 10, .part(5..<10)),
        ("bytes=-3", 10, .part(7..<10)),
        ("bytes=-30", 10, .part(0..<10)),
        ("Bytes=1-1", 10, .part(1..<2)),
        ("bytes= 1 - 2 ", 10, .part(1..<3)),
        ("bytes=10-", 10, .unsatisfiable),
        ("bytes=10-20", 10, .unsatisfiable),
        ("bytes=-0", 10, .unsatisfiable),
        ("bytes=0-0", 0, .unsatisfiable),
        ("bytes=-1", 0, .unsatisfiable),
        ("bytes=5-3", 10, .whole),
        ("bytes=0-1,3-4", 10, .whole),
        ("bytes=-", 10, .whole),
        ("bytes=a-b", 10, .whole),
        ("bytes=--1", 10, .whole),
        ("bytes=+1-2", 10, .whole),
        ("items=0-1", 10, .whole),
        ("", 10, .whole),
    ]

    @Test("takes a Range apart as S3 does", arguments: ranges)
    func range(header: String?, size: Int64, expected: ByteRange) {
        #expect(ByteRange(header, size: size) == expected)
    }

    @Test("gives parts of small and big objects", arguments: [1_000, 300_000])
    func parts(size: Int) async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 7) }
            try await store.ask(.put, ObjectKey("k"), body: body)
            for range in [0..<1, 3..<900, (size - 10)..<size, 0..<size] {
                let got = try await store.ask(
                    .get,
                    ObjectKey("k"),
                    unsigned: [Header("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")]
                )
                #expect(got.status == 206)
                #expect(got.body == Array(body[range]))
                #expect(
                    got.headers["content-range"]
                        == "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
                )
            }
            let far = try await store.ask(
                .get,
                ObjectKey("k"),
                unsigned: [Header("Range", "bytes=\(size)-")]
            )
            #expect(far.status == 416)
            #expect(far.code == "InvalidRange")
            #expect(far.headers["content-range"] == "bytes */\(size)")
            #expect(far.element("ActualObjectSize") == "\(size)")
            let several = try await store.ask(
                .get,
                ObjectKey("k"),
                unsigned: [Header("Range", "bytes=0-0,2-2")]
            )
            #expect(several.status == 200)
            #expect(several.body == body)
        }
    }

    @Test("answers 416 to any range of an empty object, so that a probe still proves it is there")
    func emptyObject() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            try await store.ask(.put, ObjectKey("k"))
            let probe = [Header("Range", "bytes=0-0")]
            let got = try await store.ask(.get, ObjectKey("k"), unsigned: probe)
            #expect(got.status == 416)
            #expect(got.headers["content-range"] == "bytes */0")
        }
    }

    static let modified = Timestamp(seconds: 784_111_777, nanoseconds: 5)
    static let same = "Sun, 06 Nov 1994 08:49:37 GMT"
    static let before = "Sun, 06 Nov 1994 08:49:36 GMT"
    static let conditions: [([String: String], Conditions.Verdict)] = [
        ([:], .proceed),
        (["if-match": "\"e\""], .proceed),
        (["if-match": "e"], .proceed),
        (["if-match": "*"], .proceed),
        (["if-match": "\"x\", \"e\""], .proceed),
        (["if-match": "\"x\""], .failed("If-Match")),
        (["if-match": "W/\"e\""], .failed("If-Match")),
        (["if-none-match": "\"e\""], .notModified),
        (["if-none-match": "W/\"e\""], .notModified),
        (["if-none-match": "*"], .notModified),
        (["if-none-match": "\"x\""], .proceed),
        (["if-modified-since": same], .notModified),
        (["if-modified-since": before], .proceed),
        (["if-modified-since": "yesterday"], .proceed),
        (["if-unmodified-since": same], .proceed),
        (["if-unmodified-since": before], .failed("If-Unmodified-Since")),
        (["if-match": "\"e\"", "if-unmodified-since": before], .proceed),
        (["if-none-match": "\"x\"", "if-modified-since": same], .proceed),
        (["if-match": "\"x\"", "if-none-match": "\"e\""], .failed("If-Match")),
    ]

    @Test("weighs conditions in the order of RFC 9110", arguments: conditions)
    func condition(headers: [String: String], expected: Conditions.Verdict) {
        let conditions = Conditions { headers[$0] }
        #expect(conditions.verdict(etag: "e", modified: Self.modified) == expected)
    }

    @Test("honours a range only for the object that If-Range names")
    func ifRange() {
        for (value, allowed) in [
            ("\"e\"", true), ("\"x\"", false), ("W/\"e\"", false), (Self.same, true),
            (Self.before, false),
        ] {
            let conditions = Conditions { $0 == "if-range" ? value : nil }
            #expect(conditions.allowsRange(etag: "e", modified: Self.modified) == allowed)
        }
    }

    @Test("answers 304 without a body and 412 with one")
    func conditionalAnswers() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let etag = try await store.ask(.put, ObjectKey("k"), body: [1]).headers["etag"] ?? ""
            let fresh = [Header("If-None-Match", etag)]
            let unchanged = try await store.ask(.get, ObjectKey("k"), unsigned: fresh)
            #expect(unchanged.status == 304)
            #expect(unchanged.headers["etag"] == etag)
            let other = [Header("If-Match", "\"other\"")]
            let failed = try await store.ask(.get, ObjectKey("k"), unsigned: other)
            #expect(failed.status == 412)
            #expect(failed.code == "PreconditionFailed")
        }
    }

    @Test("takes other headers from a signed query, but none that would break the answer")
    func overrides() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let stored = [Header("content-type", "text/html"), Header("cache-control", "public")]
            try await store.ask(.put, ObjectKey("k"), headers: stored, body: [1])
            let names = [
                "content-type", "content-disposition", "cache-control", "content-language",
                "content-encoding", "expires",
            ]
            let got = try await store.ask(
                .get,
                ObjectKey("k"),
                query: names.map { QueryItem("response-\($0)", "x-\($0)") }
            )
            #expect(got.status == 200)
            for name in names { #expect(got.headers[name] == "x-\(name)") }
            for value in ["a\r\nset-cookie: x", "na\u{ef}ve \u{1f600}"] {
                let bad = try await store.ask(
                    .get,
                    ObjectKey("k"),
                    query: [QueryItem("response-content-disposition", value)]
                )
                #expect(bad.status == 400)
                #expect(bad.code == "InvalidArgument")
                #expect(bad.headers["set-cookie"] == nil)
            }
        }
    }
}
