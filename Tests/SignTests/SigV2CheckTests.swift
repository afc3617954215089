// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs
import Testing

@testable import Sign

@Suite("The check of a version 2 signature")
struct SigV2CheckTests {
    private let check = SignatureCheck { $0 == Example.key.id ? Example.key.secret : nil }
    private let plain = ObjectRequest(.get, ObjectKey("a b.txt"), lifetime: 60)

    private static func signer(_ key: AccessKey = Example.key) -> SigV2Signer {
        SigV2Signer(
            endpoint: Endpoint(isSecure: false, host: "localhost", port: 9400),
            style: .path,
            bucket: "local",
            key: key
        )
    }

    private func target(
        _ request: ObjectRequest,
        by key: AccessKey = Example.key
    ) throws -> String {
        let signed = try Self.signer(key).presign(request, at: Example.now)
        return String(decoding: try SeenURL(signed.text).target, as: UTF8.self)
    }

    private func grant(
        _ method: String = "GET",
        _ target: String,
        _ headers: [Header] = [],
        at now: Timestamp = Example.now
    ) throws(SignatureRefusal) -> SignedGrant {
        try check.check(
            method: method,
            target: Array(target.utf8),
            headers: [Header("host", "localhost:9400")] + headers,
            now: now
        )
    }

    private func refusal(_ body: () throws -> SignedGrant) throws -> SignatureRefusal {
        try #require(throws: SignatureRefusal.self) { _ = try body() }
    }

    @Test("grants what the signer signed, and says what is covered and until when")
    func grants() throws {
        let grant = try grant("GET", target(plain))
        #expect(grant.accessKeyID == Example.key.id)
        #expect(grant.signedHeaders.isEmpty)
        #expect(grant.expiresAt == Example.now.wholeSecond + .seconds(60))
        #expect(grant.payloadHash == nil)
    }

    @Test("grants whatever the signer can sign", arguments: 0..<300)
    func roundTrip(seed: Int) throws {
        var chance = Chance(seed: UInt64(seed))
        let method = chance.pick(HTTPMethod.allCases)
        let request = ObjectRequest(
            method,
            ObjectKey(bytes: chance.bytes(upTo: 40)),
            headers: chance.some(of: [
                Header("Content-Type", " \(chance.text()) "), Header("content-MD5", chance.text()),
                Header("X-Amz-Meta-A", chance.text()), Header("x-amz-meta-b", "a,\(chance.text())"),
                Header("range", "bytes=0-1"),
            ]),
            query: chance.some(of: [
                QueryItem("response-content-type", chance.text()), QueryItem("uploads"),
                QueryItem("versionId", chance.text()), QueryItem("x", chance.text()),
                QueryItem("response-content-disposition", chance.text()),
            ]),
            lifetime: chance.number(1...100_000)
        )
        let target = try target(request)
        let grant = try grant(method.rawValue, target, request.headers)
        #expect(grant.expiresAt == Example.now.wholeSecond + .seconds(Int64(request.lifetime)))
        let other = HTTPMethod.allCases.first { $0 != method }
        #expect(throws: SignatureRefusal.self) {
            try self.grant(other?.rawValue ?? "", target, request.headers)
        }
    }

    @Test("refuses any single character changed in path, query and signature")
    func tampering() throws {
        let request = ObjectRequest(
            .get,
            ObjectKey("a/b %2F é.txt"),
            headers: [Header("x-amz-meta-a", "one two")],
            query: [QueryItem("response-content-type", "text/plain")],
            lifetime: 3_600
        )
        let good = try target(request)
        #expect(try grant("GET", good, request.headers).signedHeaders == ["x-amz-meta-a"])
        for index in good.indices {
            for replacement in ["0", "e", "Z", "-", "%", "&", "=", "/", "+"]
            where !good[index...].hasPrefix(replacement) {
                var bad = good
                bad.replaceSubrange(index...index, with: replacement)
                // The digits of an escape say the same in either case.
                if bad.lowercased() == good.lowercased(), good[..<index].suffix(2).contains("%") {
                    continue
                }
                _ = try refusal { try grant("GET", bad, request.headers) }
            }
            var short = good
            short.remove(at: index)
            _ = try refusal { try grant("GET", short, request.headers) }
        }
    }

    @Test("covers every x-amz header and the type and MD5 of the body, whether signed or not")
    func headers() throws {
        let header = Header("x-amz-meta-a", "one two")
        let target = try target(
            ObjectRequest(
                .put,
                ObjectKey("a"),
                headers: [header, Header("content-type", "a/b")],
                lifetime: 60
            )
        )
        let type = Header("Content-Type", " a/b ")
        let covered = ["content-type", "x-amz-meta-a"]
        #expect(try grant("PUT", target, [type, header]).signedHeaders == covered)
        for headers in [
            [], [header], [type], [type, Header("x-amz-meta-a", "one twp")],
            [type, header, header], [type, type, header],
            [type, header, Header("X-Amz-Acl", "public-read")],
            [type, header, Header("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")],
        ] {
            let refusal = try refusal { try grant("PUT", target, headers) }
            #expect(refusal.code == .signatureDoesNotMatch, "\(headers)")
        }
    }

    @Test("takes x-amz parameters for headers, and refuses one that contradicts its header")
    func movedHeaders() throws {
        let header = Header("x-amz-meta-a", "b")
        let request = ObjectRequest(.put, ObjectKey("a"), headers: [header], lifetime: 60)
        let moved = try target(request) + "&x-amz-meta-a=b"
        #expect(try grant("PUT", moved).signedHeaders == ["x-amz-meta-a"])
        #expect(try grant("PUT", moved, [header]).signedHeaders == ["x-amz-meta-a"])
        let plain = try target(ObjectRequest(.put, ObjectKey("a"), lifetime: 60))
        for (target, headers) in [
            (moved, [Header("x-amz-meta-a", "c")]), (moved + "&x-amz-meta-a=c", []),
            (plain + "&x-amz-acl=public-read", []), (plain + "&X-AMZ-Meta-A=b", []),
            (plain + "&x-amz-meta-a=b%0Ax-amz-meta-c:d", []), (plain + "&x-amz-meta-a=%FF", []),
        ] {
            let refusal = try refusal { try grant("PUT", target, headers) }
            #expect(refusal.code == .signatureDoesNotMatch, "\(target)")
        }
    }

    @Test("understands clients that escape more, or less, than they must")
    func otherEscapes() throws {
        let target = try target(plain)
        for other in [
            target.replacing("/local/a", with: "/%6cocal/%61"),
            target.replacing("a%20b", with: "a b"), target.replacing("%3D", with: "="),
        ] {
            #expect(other != target)
            #expect(try grant("GET", other).accessKeyID == Example.key.id)
        }
    }

    @Test("refuses a URL from its expiry on, and says when that was")
    func expiry() throws {
        let target = try target(plain)
        let expiry = Example.now.wholeSecond + .seconds(60)
        #expect(try grant("GET", target, at: expiry - Span(nanoseconds: 1)).expiresAt == expiry)
        let refusal = try refusal { try grant("GET", target, at: expiry) }
        #expect(refusal.code == .accessDenied && refusal.message == "Request has expired")
        #expect(
            refusal.details == [
                Header("Expires", "2025-11-23T18:01:00Z"),
                Header("ServerTime", "2025-11-23T18:01:00Z"),
            ]
        )
    }

    @Test("counts an end beyond all clocks as very far away")
    func farAway() throws {
        let text = SigV2Text(
            method: "GET",
            end: 99_999_999_999,
            headers: [],
            token: nil,
            resource: Array("/local/a".utf8),
            query: []
        )
        let signature = text.signature(by: .init(data: Array(Example.key.secret.reveal().utf8)))
        let target =
            "/local/a?AWSAccessKeyId=\(Example.key.id)&Expires=99999999999&Signature=\(signature)"
        #expect(try grant("GET", target).expiresAt.rfc3339 == "2262-01-01T00:00:00Z")
    }

    @Test("refuses keys it does not know, and session tokens in query and header")
    func strangers() throws {
        let other = AccessKey(id: "AKOTHER", secret: Example.key.secret)
        let token = AccessKey(
            id: Example.key.id,
            secret: Example.key.secret,
            sessionToken: Secret("t")
        )
        let unknown = try target(plain, by: other)
        let unknownRefusal = try refusal { try grant("GET", unknown) }
        #expect(unknownRefusal.code == .invalidAccessKeyID)
        #expect(unknownRefusal.details == [Header("AWSAccessKeyId", "AKOTHER")])
        let temporary = try target(plain, by: token)
        #expect(try refusal { try grant("GET", temporary) }.code == .invalidToken)
        let header = Header("X-Amz-Security-Token", "t")
        let plain = try target(plain)
        #expect(try refusal { try grant("GET", plain, [header]) }.code == .invalidToken)
    }

    @Test("refuses a URL that is signed by version 4 too, or by a header")
    func severalWays() throws {
        let two = try target(plain)
        let signed = try Example.signer().presign(plain, at: Example.now)
        let four = String(decoding: try SeenURL(signed.text).target, as: UTF8.self)
        let header = Header("Authorization", "AWS \(Example.key.id):x")
        for (target, headers) in [
            (two + "&" + four.drop { $0 != "?" }.dropFirst(), []),
            (two + "&X-Amz-Signature=00", []), (four + "&AWSAccessKeyId=\(Example.key.id)", []),
            (four + "&Signature=00", []), (two, [header]),
        ] {
            let refusal = try refusal { try grant("GET", target, headers) }
            #expect(refusal.code == .invalidArgument, "\(target)")
        }
    }

    @Test(
        "refuses parameters of the signature that are missing, doubled or not in their form",
        arguments: [
            ("AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&", ""), ("Expires=1763920860&", ""),
            ("Expires=1763920860", "Expires=1763920860&Expires=1763920861"),
            ("Expires=", "Expires=%2B"), ("Expires=", "Expires=0"), ("Expires=", "Expires=-"),
            ("Expires=1763920860", "Expires="), ("Expires=1763920860", "Expires=tomorrow"),
            ("Expires=", "Expires=99999999999"), ("&Signature=", "&signature="),
            ("&Signature=", "&Signature=AA&Signature="),
        ]
    )
    func badParameters(part: String, replacement: String) throws {
        let good = try target(plain)
        let bad = good.replacing(part, with: replacement)
        #expect(bad != good)
        #expect(try refusal { try grant("GET", bad) }.code == .accessDenied)
    }
}

/// Chance that repeats itself: SplitMix64.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[number(0...values.count - 1)] }

    mutating func some<Value>(of values: [Value]) -> [Value] {
        values.filter { _ in number(0...1) == 1 }
    }

    /// Any bytes.
    mutating func bytes(upTo count: Int) -> [UInt8] {
        (0..<number(0...count)).map { _ in UInt8(number(0...255)) }
    }

    /// Text that a header can carry.
    mutating func text() -> String {
        String((0..<number(1...12)).map { _ in pick(Array("azAZ09 /+%&=?#'\"~é日;:,")) })
    }
}
