// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Sign

@Suite("A signed form")
struct FormTests {
    private let check = FormCheck { $0 == Example.key.id ? Example.key.secret : nil }
    private let policy = PostPolicy(
        .prefix(ObjectKey("in/")),
        contentType: "image/png",
        size: 1...10,
        fields: [Header("x-amz-meta-who", "é \"me\"")],
        lifetime: 60
    )

    private func fields(
        _ policy: PostPolicy,
        by signer: SigV4Signer = Example.signer()
    ) throws -> [FormField] {
        try signer.form(for: policy, at: Example.now).reveal()
    }

    private func grant(
        _ fields: [FormField],
        fileName: String? = "a.png",
        bucket: String = "local",
        at now: Timestamp = Example.now
    ) throws(SignatureRefusal) -> FormGrant {
        try check.check(
            SubmittedForm(fields: fields, fileName: fileName.map { Array($0.utf8) }),
            bucket: Array(bucket.utf8),
            now: now
        )
    }

    private func refusal(_ body: () throws -> FormGrant) throws -> SignatureRefusal {
        try #require(throws: SignatureRefusal.self) { _ = try body() }
    }

    @Test("has its fields in the order that a person reads them, and the bucket's URL")
    func fields() throws {
        let form = try Example.signer().form(for: policy, at: Example.now)
        #expect(form.url == "http://localhost:9400/local")
        #expect(form.expiresAt == Example.now.wholeSecond + .seconds(60))
        let fields = form.reveal()
        #expect(
            fields.map(\.name) == [
                "key", "Content-Type", "x-amz-meta-who", "x-amz-algorithm", "x-amz-credential",
                "x-amz-date", "policy", "x-amz-signature",
            ]
        )
        #expect(fields[0].value.elementsEqual("in/${filename}".utf8))
        let text = try #require([UInt8](base64: String(decoding: fields[6].value, as: UTF8.self)))
        #expect(
            String(decoding: text, as: UTF8.self) == """
                {"expiration":"2025-11-23T18:01:00Z","conditions":[{"bucket":"local"},\
                ["starts-with","$key","in/"],["content-length-range",1,10],\
                {"Content-Type":"image/png"},{"x-amz-meta-who":"é \\"me\\""},\
                {"x-amz-algorithm":"AWS4-HMAC-SHA256"},\
                {"x-amz-credential":"AKIAIOSFODNN7EXAMPLE/20251123/us-east-1/s3/aws4_request"},\
                {"x-amz-date":"20251123T180000Z"}]}
                """
        )
        let virtual = Example.signer(
            try Endpoint("https://s3.example.com/"),
            style: .virtual,
            bucket: "my-bucket"
        )
        let other = try virtual.form(for: policy, at: Example.now)
        #expect(other.url == "https://my-bucket.s3.example.com/")
    }

    @Test("has a session token where the key has one")
    func token() throws {
        var key = Example.key
        key.sessionToken = Secret("tok/en")
        let fields = try fields(policy, by: Example.signer(key: key))
        let token = try #require(fields.first { $0.name == "x-amz-security-token" })
        #expect(token.value.elementsEqual("tok/en".utf8))
        #expect(try refusal { try grant(fields) }.code == .invalidToken)
    }

    @Test("prints without the values of its fields")
    func redacted() throws {
        let form = try Example.signer().form(for: policy, at: Example.now)
        var dumped = ""
        dump(form, to: &dumped)
        for text in ["\(form)", form.debugDescription, dumped, "\([form])"] {
            #expect(!text.contains("eyJ") && !text.contains("image/png"), "\(text)")
        }
        #expect("\(form)".contains("x-amz-signature: <redacted>"))
    }

    @Test("cannot be made of what no store would take")
    func impossible() {
        let policies = [
            PostPolicy(.key(ObjectKey("")), lifetime: 1),
            PostPolicy(.key(ObjectKey(bytes: [0xff])), lifetime: 1),
            PostPolicy(.key(ObjectKey("a\0")), lifetime: 1),
            PostPolicy(.key(ObjectKey("a/${filename}")), lifetime: 1),
            PostPolicy(.key(ObjectKey("a")), size: -1...1, lifetime: 1),
            PostPolicy(.key(ObjectKey("a")), fields: [Header("Policy", "x")], lifetime: 1),
            PostPolicy(.key(ObjectKey("a")), fields: [Header("a b", "x")], lifetime: 1),
            PostPolicy(.key(ObjectKey("a")), fields: [Header("a", "x\ny")], lifetime: 1),
            PostPolicy(
                .key(ObjectKey("a")),
                contentType: "a/b",
                fields: [Header("content-type", "c/d")],
                lifetime: 1
            ),
            PostPolicy(.key(ObjectKey("a")), lifetime: 0),
            PostPolicy(.key(ObjectKey("a")), lifetime: 604_801),
        ]
        for policy in policies {
            #expect(throws: SignError.self) { try fields(policy) }
        }
    }

    @Test("is granted as it was signed, with the name of the file in the key")
    func granted() throws {
        let fields = try fields(policy)
        let grant = try grant(fields)
        #expect(grant.accessKeyID == Example.key.id)
        #expect(grant.key == ObjectKey("in/a.png"))
        #expect(grant.size == 1...10)
        #expect(grant.fields.contains(FormField("x-amz-meta-who", "é \"me\"")))
        #expect(!grant.fields.contains { $0.name == "policy" || $0.name == "x-amz-signature" })
        #expect(try self.grant(fields, fileName: nil).key == ObjectKey("in/"))
        let plain = try self.fields(PostPolicy(.key(ObjectKey("é/x")), lifetime: 60))
        #expect(try self.grant(plain).key == ObjectKey("é/x"))
        #expect(try self.grant(plain).size == 0...Int64.max)
    }

    @Test(
        "takes only what stands behind the last slash of a file's name",
        arguments: [
            ("../../etc/passwd", "passwd"), (#"C:\Program Files\a b.txt"#, "a b.txt"),
            ("a/b\\c", "c"), ("dir/", ""), ("..", ".."), ("${filename}", "${filename}"),
            ("é\n\"", "é\n\""),
        ]
    )
    func fileNames(name: String, last: String) throws {
        #expect(try grant(fields(policy), fileName: name).key == ObjectKey("in/" + last))
    }

    @Test("by AWS's own example is granted")
    func published() throws {
        let text = """
            { "expiration": "2015-12-30T12:00:00.000Z",\r
              "conditions": [\r
                {"bucket": "sigv4examplebucket"},\r
                ["starts-with", "$key", "user/user1/"],\r
                {"acl": "public-read"},\r
                {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},\r
                ["starts-with", "$Content-Type", "image/"],\r
                {"x-amz-meta-uuid": "14365123651274"},\r
                {"x-amz-server-side-encryption": "AES256"},\r
                ["starts-with", "$x-amz-meta-tag", ""],\r
            \r
                {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},\r
                {"x-amz-algorithm": "AWS4-HMAC-SHA256"},\r
                {"x-amz-date": "20151229T000000Z" }\r
              ]\r
            }
            """
        let fields = [
            FormField("key", "user/user1/${filename}"), FormField("acl", "public-read"),
            FormField(
                "success_action_redirect",
                "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"
            ),
            FormField("Content-Type", "image/jpeg"), FormField("x-amz-meta-uuid", "14365123651274"),
            FormField("x-amz-server-side-encryption", "AES256"),
            FormField(
                "X-Amz-Credential",
                "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"
            ),
            FormField("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            FormField("X-Amz-Date", "20151229T000000Z"), FormField("x-amz-meta-tag", ""),
            FormField("Policy", Array(text.utf8).base64),
            FormField(
                "X-Amz-Signature",
                "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
            ),
        ]
        let now = try #require(Timestamp(rfc3339: "2015-12-29T00:00:00Z"))
        let grant = try grant(fields, bucket: "sigv4examplebucket", at: now)
        #expect(grant.key == ObjectKey("user/user1/a.png"))
        #expect(grant.expiresAt.rfc3339 == "2015-12-30T12:00:00Z")
    }

    @Test("is refused once any byte of any field is changed")
    func tampered() throws {
        let good = try fields(policy)
        for (index, field) in good.enumerated() {
            // The prefix allows any name behind it.
            let count = field.name == "key" ? 3 : field.value.count
            for offset in 0..<count {
                var bad = good
                bad[index].value[offset] ^= 1
                _ = try refusal { try grant(bad) }
            }
            var missing = good
            missing.remove(at: index)
            _ = try refusal { try grant(missing) }
            _ = try refusal { try grant(good + [field]) }
        }
        #expect(try refusal { try grant(good, bucket: "other") }.code == .accessDenied)
    }

    @Test("is refused with a field that the policy does not know, but for x-ignore-*")
    func extraFields() throws {
        let good = try fields(policy)
        for name in ["acl", "X-Amz-Meta-B", "Cache-Control", "success_action_redirect", "submit"] {
            let refusal = try refusal { try grant(good + [FormField(name, "x")]) }
            #expect(refusal.code == .accessDenied)
            #expect(
                refusal.message
                    == "Invalid according to Policy: Extra input fields: \(name.lowercased())"
            )
        }
        let ignored = try grant(good + [FormField("x-ignore-a", "x")])
        #expect(!ignored.fields.contains { $0.name == "x-ignore-a" })
        #expect(try refusal { try grant(good + [FormField("bucket", "b")]) }.code == .accessDenied)
        #expect(try grant(good + [FormField("bucket", "local")]).key == ObjectKey("in/a.png"))
        for name in ["x-amz-meta-\u{e9}", "a b", ""] {
            #expect(
                try self.refusal { try grant(good + [FormField(name, "x")]) }.code
                    == .invalidArgument
            )
        }
    }

    @Test("is refused from its expiry on")
    func expired() throws {
        let fields = try fields(policy)
        let end = Example.now.wholeSecond + .seconds(60)
        #expect(try grant(fields, at: end - Span(nanoseconds: 1)).expiresAt == end)
        let refusal = try refusal { try grant(fields, at: end) }
        #expect(refusal.code == .accessDenied)
        #expect(refusal.message == "Invalid according to Policy: Policy expired.")
    }

    @Test("is refused by another key, without a signature, or signed by version 2")
    func strangers() throws {
        let other = AccessKey(id: "AKOTHER", secret: Example.key.secret)
        let foreign = try fields(policy, by: Example.signer(key: other))
        #expect(try refusal { try grant(foreign) }.code == .invalidAccessKeyID)
        let wrong = AccessKey(id: Example.key.id, secret: Secret("x"))
        let forged = try fields(policy, by: Example.signer(key: wrong))
        #expect(try refusal { try grant(forged) }.code == .signatureDoesNotMatch)
        #expect(try refusal { try grant([FormField("key", "a")]) }.code == .accessDenied)
        let older = [FormField("AWSAccessKeyId", Example.key.id), FormField("signature", "x")]
        #expect(try refusal { try grant(older) }.code == .invalidRequest)
    }

    @Test(
        "is refused when its policy is not understood to the last condition",
        arguments: [
            "", "[]", "{}", #"{"expiration":"2026-01-01T00:00:00Z"}"#,
            #"{"expiration":"soon","conditions":[]}"#,
            #"{"expiration":"2026-01-01T00:00:00Z","conditions":{}}"#,
            #"{"expiration":"2026-01-01T00:00:00Z","conditions":[],"more":1}"#,
            #"{"expiration":"2026-01-01T00:00:00Z","conditions":[{"a":"b","c":"d"}]}"#,
            #"{"expiration":"2026-01-01T00:00:00Z","conditions":[{}]}"#,
            #"{"expiration":"2026-01-01T00:00:00Z","conditions":[{"a":1}]}"#,
            #"{"expiration":"2026-01-01T00:00:00Z","conditions":["a"]}"#,
            #"{"expiration":"2026-01-01T00:00:00Z","conditions":[["ends-with","$a","b"]]}"#,
            #"{"expiration":"2026-01-01T00:00:00Z","conditions":[["eq","a","b"]]}"#,
            #"{"expiration":"2026-01-01T00:00:00Z","conditions":[["eq","$a"]]}"#,
            #"{"expiration":"2026-01-01T00:00:00Z","conditions":[["content-length-range",2,1]]}"#,
            #"{"expiration":"2026-01-01T00:00:00Z","conditions":[["content-length-range",-1,1]]}"#,
            #"{"expiration":"2026-01-01T00:00:00Z","conditions":[["content-length-range",1.5,2]]}"#,
        ]
    )
    func badPolicies(text: String) throws {
        let refusal = try #require(throws: SignatureRefusal.self) {
            try PolicyDocument(Array(text.utf8))
        }
        #expect(refusal.code == .invalidPolicyDocument && refusal.code.status == 400)
    }

    @Test("takes sizes that all its ranges allow, as numbers or as texts")
    func ranges() throws {
        let text = #"""
            {"expiration":"2026-01-01T00:00:00Z","conditions":[["Content-Length-Range","1","9"],
            ["content-length-range",3,20],["EQ","$A","b"]]}
            """#
        let document = try PolicyDocument(Array(text.utf8))
        #expect(
            document.conditions == [.size(1...9), .size(3...20), .equal(field: "a", [0x62])]
        )
    }
}
