// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Sign

@Suite("The check of a signature")
struct SignatureCheckTests {
    private let check = SignatureCheck { $0 == Example.key.id ? Example.key.secret : nil }
    private let plain = ObjectRequest(.get, ObjectKey("a b.txt"), lifetime: 60)

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

    /// The path and query of a URL signed for this store.
    private func target(
        _ request: ObjectRequest,
        with signer: SigV4Signer = Example.signer(),
        at moment: Timestamp = Example.now
    ) throws -> String {
        let signed = try signer.presign(request, at: moment)
        return String(decoding: try SeenURL(signed.text).target, as: UTF8.self)
    }

    private func refusal(_ body: () throws -> SignedGrant) throws -> SignatureRefusal {
        try #require(throws: SignatureRefusal.self) { _ = try body() }
    }

    @Test("grants what the signer signed, and says what is covered and until when")
    func grants() throws {
        let grant = try grant("GET", target(plain))
        #expect(grant.accessKeyID == Example.key.id)
        #expect(grant.signedHeaders == ["host"])
        #expect(grant.expiresAt == Example.now.wholeSecond + .seconds(60))
        #expect(grant.payloadHash == nil)
    }

    @Test("says what the body must hash to, whether a header or a parameter tells")
    func payloadHash() throws {
        let header = Header("x-amz-content-sha256", "e3b0c442")
        let target = try target(
            ObjectRequest(.put, ObjectKey("a"), headers: [header], lifetime: 60)
        )
        #expect(try grant("PUT", target, [header]).payloadHash == "e3b0c442")
        var request = plain
        request.query = [QueryItem("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")]
        #expect(try grant("GET", self.target(request)).payloadHash == nil)
    }

    @Test("understands clients that escape more, or less, than they must")
    func otherEscapes() throws {
        let target = try target(plain)
        let more = target.replacing("/local/a", with: "/%6cocal/%61")
        let less = target.replacing("%2F", with: "/").replacing("a%20b", with: "a b")
        for other in [more, less, target.replacing("%2F", with: "%2f")] {
            #expect(other != target)
            #expect(try grant("GET", other).accessKeyID == Example.key.id)
        }
    }

    @Test("takes a plus sign for itself")
    func plus() throws {
        var request = ObjectRequest(.get, ObjectKey("a+b"), lifetime: 60)
        request.query = [QueryItem("response-content-type", "image/svg+xml")]
        let target = try target(request)
        let decoded = target.replacing("%2B", with: "+")
        #expect(decoded.contains("a+b") && decoded.contains("svg+xml"))
        #expect(try grant("GET", decoded).expiresAt > Example.now)
        let spaced = target.replacing("a%2Bb", with: "a%20b")
        #expect(try refusal { try grant("GET", spaced) }.code == .signatureDoesNotMatch)
    }

    @Test("refuses any single character changed in path, query and signature")
    func tampering() throws {
        let request = ObjectRequest(
            .get,
            ObjectKey("a/b %2F é.txt"),
            headers: [Header("x-amz-meta-a", "one two")],
            query: [QueryItem("x-id", "GetObject"), QueryItem("A", "1"), QueryItem("A", "2")],
            lifetime: 3_600
        )
        let header = request.headers
        let good = try target(request)
        #expect(try grant("GET", good, header).signedHeaders == ["host", "x-amz-meta-a"])
        for index in good.indices {
            for replacement in ["0", "e", "Z", "-", "%", "&", "=", "/", "+"]
            where !good[index...].hasPrefix(replacement) {
                var bad = good
                bad.replaceSubrange(index...index, with: replacement)
                // The digits of an escape say the same in either case.
                if bad.lowercased() == good.lowercased(), good[..<index].suffix(2).contains("%") {
                    continue
                }
                _ = try refusal { try grant("GET", bad, header) }
            }
            var short = good
            short.remove(at: index)
            _ = try refusal { try grant("GET", short, header) }
        }
    }

    @Test("refuses another method, another host and another value of a signed header")
    func otherRequests() throws {
        let header = Header("x-amz-meta-a", "one two")
        let target = try target(
            ObjectRequest(.put, ObjectKey("a"), headers: [header], lifetime: 60)
        )
        #expect(try grant("PUT", target, [header]).signedHeaders == ["host", "x-amz-meta-a"])
        #expect(
            try grant("PUT", target, [Header("X-AMZ-meta-A", " one   two ")]).payloadHash == nil
        )
        for (method, headers) in [
            ("GET", [header]), ("POST", [header]), ("PUT", [Header("x-amz-meta-a", "one twp")]),
            ("PUT", [header, header]), ("PUT", []),
            ("PUT", [header, Header("host", "localhost")]),
        ] {
            let refusal = try refusal { try grant(method, target, headers) }
            #expect(refusal.code == .signatureDoesNotMatch)
        }
        #expect(try refusal { try grant("PUT", target) }.message.contains("x-amz-meta-a"))
    }

    @Test("refuses x-amz headers that are not signed, and a URL that does not name its host")
    func unsignedHeaders() throws {
        let target = try target(plain)
        let acl = Header("X-Amz-Acl", "public-read")
        let refusal = try refusal { try grant("GET", target, [acl]) }
        #expect(refusal.code == .accessDenied)
        #expect(refusal.details == [Header("HeadersNotSigned", "x-amz-acl")])
        let harmless = [
            Header("Content-Type", "a/b"), Header("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        ]
        #expect(try grant("GET", target, harmless).signedHeaders == ["host"])
        let hostless = target.replacing("SignedHeaders=host", with: "SignedHeaders=range")
        #expect(
            try self.refusal { try grant("GET", hostless, [Header("range", "bytes=0-0")]) }.details
                == [Header("HeadersNotSigned", "host")]
        )
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
                Header("X-Amz-Expires", "60"), Header("Expires", "2025-11-23T18:01:00Z"),
                Header("ServerTime", "2025-11-23T18:01:00Z"),
            ]
        )
    }

    @Test("allows a signer's clock to be a quarter of an hour ahead, and no more")
    func future() throws {
        let start = Example.now.wholeSecond
        let ahead = try target(plain, at: start + .seconds(900))
        #expect(try grant("GET", ahead, at: start).signedHeaders == ["host"])
        let further = try target(plain, at: start + .seconds(901))
        let refusal = try refusal { try grant("GET", further, at: start) }
        #expect(refusal.code == .accessDenied && refusal.message == "Request is not yet valid")
    }

    @Test("refuses keys it does not know, session tokens and other services")
    func strangers() throws {
        let other = AccessKey(id: "AKOTHER", secret: Example.key.secret)
        let token = AccessKey(
            id: Example.key.id,
            secret: Example.key.secret,
            sessionToken: Secret("t")
        )
        for (signer, code) in [
            (Example.signer(key: other), SignatureRefusal.Code.invalidAccessKeyID),
            (Example.signer(key: token), .invalidToken),
            (Example.signer(service: "s3-outposts"), .authorizationQueryParametersError),
        ] {
            let target = try target(plain, with: signer)
            #expect(try refusal { try grant("GET", target) }.code == code)
        }
    }

    @Test("refuses requests that are not signed in the query, or in two ways")
    func unsigned() throws {
        let header = Header("Authorization", "AWS4-HMAC-SHA256 Credential=a")
        for (target, headers) in [
            ("/local/a", []), ("/local/a", [header]), ("/", []), ("", []), ("/local/a?uploads", []),
            ("/local/a?Expires=1", []),
        ] {
            #expect(try refusal { try grant("GET", target, headers) }.code == .accessDenied)
        }
        let target = try target(plain)
        let refusal = try refusal { try grant("GET", target, [header]) }
        #expect(refusal.code == .invalidArgument)
    }

    @Test(
        "refuses parameters of the signature that are missing, doubled or not in their form",
        arguments: [
            ("X-Amz-Date=20251123T180000Z&", ""), ("X-Amz-Expires=60&", ""),
            ("X-Amz-SignedHeaders=host&", ""), ("X-Amz-Expires=60", "X-Amz-Expires=-1"),
            ("X-Amz-Expires=60", "X-Amz-Expires=604801"), ("X-Amz-Expires=60", "X-Amz-Expires=a"),
            ("X-Amz-Expires=60", "X-Amz-Expires=%2B60"), ("X-Amz-Expires=60", "X-Amz-Expires="),
            ("X-Amz-Expires=60", "X-Amz-Expires=99999999999999999999"),
            ("X-Amz-Expires=60", "X-Amz-Expires=60&X-Amz-Expires=61"),
            ("20251123T180000Z", "20251123T180000"), ("20251123T180000Z", "20251124T180000Z"),
            ("%2Faws4_request", "%2Faws5_request"), ("%2Fs3%2F", "%2F"), ("SHA256", "SHA1"),
            ("&X-Amz-Signature=", "&X-Amz-Signaturf="),
        ]
    )
    func badParameters(part: String, replacement: String) throws {
        let good = try target(plain)
        let bad = good.replacing(part, with: replacement)
        #expect(bad != good)
        let refusal = try refusal { try grant("GET", bad) }
        #expect(refusal.code == .authorizationQueryParametersError)
        #expect(refusal.code.status == 400)
    }

    @Test("refuses escapes that are none", arguments: ["/%zz", "/a%", "/a?b=%4", "/a?%=1"])
    func badEscapes(target: String) throws {
        let signed = try self.target(plain)
        let query = signed.drop { $0 != "?" }.dropFirst()
        let bad = target + (target.contains("?") ? "&" : "?") + query
        #expect(try refusal { try grant("GET", bad) }.code == .invalidURI)
    }
}
