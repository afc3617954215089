// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Sign

@Suite("A URL that is inspected")
struct InspectedURLTests {
    private static let schemes = ["sigv4", "sigv2", "gcs-v4", "azure-sas", "cloudfront"]

    @Test("says who signed it, from when until when", arguments: schemes)
    func facts(scheme: String) throws {
        for vector in try Vector.load(scheme) {
            let fields = try BatchFields(vector.line)
            let url = try InspectedURL(Array(vector.url.utf8))
            let date = try #require(try fields.moment("date"))
            #expect(url.scheme?.rawValue == scheme)
            #expect(url.expiresAt == date + .seconds(Int64(try fields.integer("expires_in"))))
            #expect(try url.notBefore == fields.moment("not_before"))
            let account = try fields.text("endpoint").contains("blob.core") || scheme != "azure-sas"
            if account { #expect(try url.keyID == fields.text("access_key")) }
        }
    }

    @Test("is told right from wrong, with its method where that is signed", arguments: schemes)
    func verdicts(scheme: String) throws {
        let vectors = try Vector.load(scheme)
        for vector in vectors.enumerated().filter({ $0.offset % 5 == 0 }).map(\.element) {
            let fields = try BatchFields(vector.line)
            let pem = try fields.optionalText("private_key").map(Secret.init)
            let key: VerificationKey =
                try pem.map { .rsa(try RSAPrivateKey(pem: $0)) }
                ?? .secret(Secret(try fields.text("secret_key")))
            let headers = try fields.pairs("headers").map { Header($0.name, $0.value) }
            let url = try InspectedURL(Array(vector.url.utf8))
            let isMethodSigned = scheme != "azure-sas" && scheme != "cloudfront"
            let method = try fields.choice("method", of: HTTPMethod.allCases, default: .get)
            let verdict = url.verdict(key, headers: headers)
            #expect(verdict == .right(isMethodSigned ? method : nil), "\(vector.url)")
            // A later end, which is what somebody would want to change.
            let later = vector.url.replacing(/(Expires|se)=(\d)/) { match in
                "\(match.1)=\(match.2 == "9" ? "8" : "9")"
            }
            guard later != vector.url else { continue }
            let changed = try InspectedURL(Array(later.utf8))
            #expect(changed.verdict(key, headers: headers) == .wrong, "\(later)")
        }
    }

    @Test("that is plain is read as a person pastes it")
    func plain() throws {
        let url = try ObjectURL("https://d1.cloudfront.net/a b/é%20c.jpg?size=large%26x&v")
        #expect(url.key == ObjectKey("a b/é c.jpg"))
        #expect(url.query == [QueryItem("size", "large&x"), QueryItem("v")])
        #expect(url.endpoint.description == "https://d1.cloudfront.net")
        #expect(throws: InspectionError.self) { try ObjectURL("d1.cloudfront.net/a") }
    }

    @Test("never shows its signature or a token", arguments: schemes)
    func masked(scheme: String) throws {
        for vector in try Vector.load(scheme) {
            let url = try InspectedURL(Array(vector.url.utf8))
            let signature = try #require(url.parts[url.signatureName])
            var encoded: [UInt8] = []
            encoded.append(encodingForQuery: signature)
            #expect(!url.masked.contains(String(decoding: encoded, as: UTF8.self)))
            #expect(!url.masked.contains(signature))
            if let token = try BatchFields(vector.line).optionalText("session_token") {
                #expect(!url.masked.contains(token))
            }
        }
    }

    @Test(
        "never shows what looks like a signature, in whatever scheme",
        arguments: [
            "https://h/b/k?GoogleAccessId=x&Expires=9&Signature=SECRET",
            "https://h/b/k?q-signature=SECRET", "https://h/b/k?OSSAccessKeyId=x&Signature=SECRET",
            "https://h/b/k?X-Bz-Signature=SECRET&X-Bz-Security-Token=SECRET",
            "https://h/b/k?SIG=SECRET", "https://h/b/k?token=SECRET", "https://h/b/k?%73ig=SECRET",
        ]
    )
    func maskedAnyway(url: String) throws {
        #expect(!(try InspectedURL(Array(url.utf8)).masked.contains("SECRET")))
    }

    @Test("prints and dumps without its signature")
    func printed() throws {
        let url = try InspectedURL(Array("https://h/b/k?X-Amz-Signature=SECRET".utf8))
        var dumped = ""
        dump(url, to: &dumped)
        for text in ["\(url)", String(reflecting: url), dumped] {
            #expect(!text.contains("SECRET") && !text.contains("83, 69, 67"), "\(text)")
        }
    }

    @Test("is right or cannot be told, but never called forged, where Azure's account is not seen")
    func azureRoundTrip() throws {
        let key = AccessKey(id: "account1", secret: Secret("c2VjcmV0"))
        for (host, isSeen) in [
            ("https://account1.blob.core.windows.net", true),
            ("http://127.0.0.1:10000/account1", true), ("https://files.example.org", false),
        ] {
            let signer = AzureSigner(endpoint: try Endpoint(host), container: "c", key: key)
            for query in [[], [QueryItem("versionid", "2026-11-25T00:00:00.0000000Z")]] {
                let request = ObjectRequest(.get, ObjectKey("a b"), query: query, lifetime: 60)
                let url = try InspectedURL(signer.presign(request, at: Example.now).url.reveal())
                let verdict = url.verdict(.secret(key.secret))
                if isSeen {
                    #expect(verdict == .right(nil), "\(url)")
                } else {
                    guard case .wrongKind? = verdict else {
                        Issue.record("\(url)")
                        continue
                    }
                }
            }
        }
    }

    @Test("has each of Azure's ways to write a time", arguments: ["", "T00:00Z", "T00:00:00Z"])
    func azureTimes(time: String) throws {
        let url = "https://a.blob.core.windows.net/c/b?sv=2021-08-06&se=2027-01-01\(time)&sig=0"
        let end = try InspectedURL(Array(url.utf8)).expiresAt
        #expect(end == Timestamp(rfc3339: "2027-01-01T00:00:00Z"))
    }

    @Test("needs the values of the headers that are signed, and a key of its kind")
    func needs() throws {
        let signer = Example.signer()
        let request = ObjectRequest(
            .put,
            ObjectKey("a"),
            headers: [Header("content-type", "text/plain")],
            lifetime: 60
        )
        let url = try InspectedURL(signer.presign(request, at: Example.now).url.reveal())
        #expect(url.verdict(.secret(Secret("s"))) == .needsHeaders(["content-type"]))
        let fields = try BatchFields(try #require(try Vector.load("cloudfront").first).line)
        let key = try RSAPrivateKey(pem: Secret(try fields.text("private_key")))
        #expect(url.verdict(.rsa(key)) == .wrongKind(wanted: "the secret access key"))
        #expect(try InspectedURL(Array("http://h/k".utf8)).verdict(.rsa(key)) == nil)
    }

    private static let odd: [(String, String)] = [
        ("https://h/b/k?X-Amz-Signature=0", "Credential"),
        ("https://h/b/k?AWSAccessKeyId=a&Signature=0&Expires=1", "expired"),
        ("https://h/b/k?AWSAccessKeyId=a&Signature=0&Expires=99999999999999999999", "no number"),
        ("https://h/b/k?AWSAccessKeyId=a&Signature=0&Expires=9223372036854775807", "no number"),
        ("http://h/b/k?AWSAccessKeyId=a&Signature=0&Expires=4000000000", "http"),
        ("https://h/b/k?sig=0&se=2099-01-01T00:00:00Z&sp=rd", "delete"),
        ("https://h/b/k?sig=0&se=2099-01-01T00:00:00Z&st=2098-01-01T00:00:00Z", "yet"),
        ("https://h/b/k?ss=b&srt=o&sp=r&sv=2021-08-06&se=2099-01-01&sig=0", "account SAS"),
        ("https://h/b/k?skoid=o&sp=r&sr=b&se=2099-01-01&sig=0", "user delegation"),
        ("https://h/k?Key-Pair-Id=K&Signature=0&Policy=AAAA", "Policy"),
        ("https://h/k", "not signed"),
        (policy("https://h/images/*"), "does not match"),
        (version4(date: "20980101T000000Z"), "future"),
        (version4(expires: "604801"), "at most 604800"),
        (version4(expires: "0"), "not even a second"),
        (version4(expires: "60&X-Amz-Security-Token=t"), "temporary"),
        (version4(expires: "60&X-Amz-Signature=1"), "more than once"),
    ]

    @Test("comes with warnings", arguments: odd)
    func warnings(url: String, expected: String) throws {
        let warnings = try InspectedURL(Array(url.utf8)).warnings(at: Example.now)
        #expect(warnings.contains { $0.contains(expected) }, "\(warnings)")
    }

    private static func version4(
        date: String = "20261125T000000Z",
        expires: String = "60"
    ) -> String {
        "https://h/k?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            + "&X-Amz-Credential=AK%2F20261125%2Fr%2Fs3%2Faws4_request&X-Amz-Date=\(date)"
            + "&X-Amz-SignedHeaders=host&X-Amz-Signature=0&X-Amz-Expires=\(expires)"
    }

    @Test("matches the pattern of its policy, or does not")
    func patterns() {
        func matches(_ text: String, _ pattern: String) -> Bool {
            CloudFrontCondition.matches(Array(text.utf8), pattern: Array(pattern.utf8))
        }
        for pattern in ["*", "http*://h/*", "https://h/?", "https://h/k*", "**k", "https://h/k"] {
            #expect(matches("https://h/k", pattern), "\(pattern)")
        }
        for pattern in ["", "?", "https://h/", "https://h/k?", "*kk", "https://g/*"] {
            #expect(!matches("https://h/k", pattern), "\(pattern)")
        }
    }

    private static func policy(_ resource: String) -> String {
        let text =
            #"{"Statement":[{"Resource":"\#(resource)","Condition":"#
            + #"{"DateLessThan":{"AWS:EpochTime":4000000000}}}]}"#
        let safe = String(decoding: CloudFrontPolicy.safe(Array(text.utf8)), as: UTF8.self)
        return "https://h/k?Key-Pair-Id=K&Signature=0&Policy=\(safe)"
    }

    @Test(
        "is refused when it is none",
        arguments: [
            "", "h/k", "ftp://h/k", "https://", "https://h:0/", "https://h/a b", "https://h/%2",
            "https://h/k?a=%zz", "https://h/k#f", "https://u@h/k", "https://h/\u{e9}",
        ]
    )
    func refused(url: String) {
        #expect(throws: InspectionError.self) { try InspectedURL(Array(url.utf8)) }
    }
}
