// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Sign

/// The values are those of Amazon's Signature Version 4 test suite.
@Suite("A request to a service of AWS, signed by its headers")
struct ServiceSignerTests {
    private static let token =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeo"
        + "IYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDv"
        + "p75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9"
        + "FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
    private let host = Header("Host", "example.amazonaws.com")
    private let moment = Timestamp(rfc3339: "2015-08-30T12:36:00Z")

    private func signer(token: String? = nil) -> ServiceSigner {
        let key = AccessKey(
            id: "AKIDEXAMPLE",
            secret: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            sessionToken: token.map(Secret.init)
        )
        return ServiceSigner(region: "us-east-1", service: "service", key: key)
    }

    private func authorization(_ names: String, _ signature: String) -> String {
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            + "SignedHeaders=\(names), Signature=\(signature)"
    }

    @Test(
        "has the suite's signature",
        arguments: [
            (
                "GET", "/", [], [], "", "host;x-amz-date",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
            ),
            (
                "POST", "/", [], [], "", "host;x-amz-date",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
            ),
            (
                "GET", "", [("Param2", "value2"), ("Param1", "value1")], [], "", "host;x-amz-date",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
            ),
            (
                "GET", "/\u{1234}", [], [], "", "host;x-amz-date",
                "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"
            ),
            (
                "POST", "/", [], [("Content-Type", "application/x-www-form-urlencoded")],
                "Param1=value1", "content-type;host;x-amz-date",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
            ),
        ] as [(String, String, [(String, String)], [(String, String)], String, String, String)]
    )
    func suite(
        method: String,
        path: String,
        query: [(String, String)],
        headers: [(String, String)],
        body: String,
        names: String,
        signature: String
    ) throws {
        let signed = try signer().sign(
            method,
            path: Array(path.utf8),
            query: query.map { QueryItem($0.0, $0.1) },
            headers: headers.map { Header($0.0, $0.1) } + [host],
            body: Array(body.utf8),
            at: try #require(moment)
        )
        #expect(signed.first == Header("X-Amz-Date", "20150830T123600Z"))
        #expect(signed.last == Header("Authorization", authorization(names, signature)))
    }

    @Test("covers the session token")
    func sessionToken() throws {
        let signed = try signer(token: Self.token).sign(
            "POST",
            path: Array("/".utf8),
            headers: [host],
            body: [],
            at: try #require(moment)
        )
        let signature = "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"
        #expect(signed[1] == Header("X-Amz-Security-Token", Self.token))
        #expect(
            signed[2].value == authorization("host;x-amz-date;x-amz-security-token", signature)
        )
    }

    @Test("is refused without a key")
    func noKey() throws {
        let empty = AccessKey(id: "AKIDEXAMPLE", secret: Secret(""))
        let signer = ServiceSigner(region: "us-east-1", service: "sts", key: empty)
        #expect(throws: SignError.noSecret) {
            try signer.sign("POST", path: [], headers: [host], body: [], at: Timestamp(seconds: 0))
        }
    }
}
