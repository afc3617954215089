// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Sign

@Suite("A SigV4 signer")
struct SigV4SignerTests {
    private func sign(
        _ request: ObjectRequest,
        with signer: SigV4Signer = Example.signer()
    ) throws(SignError) -> SignedRequest {
        try signer.presign(request, at: Example.now)
    }

    private func get(_ key: String = "a.txt", lifetime: Int = 60) -> ObjectRequest {
        ObjectRequest(.get, ObjectKey(key), lifetime: lifetime)
    }

    @Test("signs for one second to seven days, and says so when asked for another time")
    func lifetimes() throws {
        for lifetime in [1, 604_800] {
            #expect(try sign(get(lifetime: lifetime)).text.contains("X-Amz-Expires=\(lifetime)&"))
        }
        for lifetime in [.min, -1, 0, 604_801, .max] {
            #expect(throws: SignError.lifetime(seconds: lifetime, longest: 604_800)) {
                try sign(get(lifetime: lifetime))
            }
        }
        let error = SignError.lifetime(seconds: 700_000, longest: 604_800)
        #expect(error.description.contains("604800 s (7 days)"))
    }

    @Test("drops what is below a second, and never signs for the second that follows")
    func wholeSeconds() throws {
        #expect(try sign(get()).text.contains("X-Amz-Date=20251123T180000Z"))
    }

    @Test("puts the bucket where the style says, and the base path in front of it")
    func styles() throws {
        let endpoint = try Endpoint("https://gw.example.com:8443/base/")
        let path = Example.signer(endpoint, style: .path)
        let virtual = Example.signer(endpoint, style: .virtual)
        let cname = Example.signer(endpoint, style: .cname, bucket: nil)
        func front(_ signer: SigV4Signer, _ key: String) throws -> String {
            String(try sign(get(key), with: signer).text.prefix { $0 != "?" })
        }
        #expect(try front(path, "a b") == "https://gw.example.com:8443/base/local/a%20b")
        #expect(try front(path, "/a") == "https://gw.example.com:8443/base/local//a")
        #expect(try front(path, "") == "https://gw.example.com:8443/base/local")
        #expect(try front(virtual, "a") == "https://local.gw.example.com:8443/base/a")
        #expect(try front(virtual, "") == "https://local.gw.example.com:8443/base/")
        #expect(try front(cname, "../a") == "https://gw.example.com:8443/base/../a")
    }

    @Test("refuses a bucket that the place for it cannot carry")
    func badBuckets() throws {
        let address = try Endpoint("http://[::1]:9000")
        #expect(throws: SignError.noBucket(.path)) {
            try sign(get(), with: Example.signer(bucket: nil))
        }
        #expect(throws: SignError.bucketInHost(bucket: "b", host: "[::1]")) {
            try sign(get(), with: Example.signer(address, style: .virtual, bucket: "b"))
        }
        #expect(throws: SignError.bucketInHost(bucket: "evil.com/", host: "localhost")) {
            try sign(get(), with: Example.signer(style: .virtual, bucket: "evil.com/"))
        }
    }

    @Test("refuses a scope that would read as another, and keys that are empty")
    func badScopes() {
        for region in ["", "us east", "a/b", "ü"] {
            #expect(throws: SignError.scope(part: "region", value: region)) {
                try sign(get(), with: Example.signer(region: region))
            }
        }
        #expect(throws: SignError.noSecret) {
            try sign(get(), with: Example.signer(key: AccessKey(id: "a", secret: Secret(""))))
        }
    }

    @Test("returns the headers that must be sent, as they were given but for space around them")
    func headers() throws {
        let request = ObjectRequest(
            .put,
            ObjectKey("a"),
            headers: [Header("X-Amz-Meta-B", " two  words\t"), Header("content-type", "a/b")],
            lifetime: 60
        )
        let signed = try sign(request)
        #expect(
            signed.headers == [Header("X-Amz-Meta-B", "two  words"), Header("content-type", "a/b")]
        )
        #expect(signed.text.contains("X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-meta-b&"))
    }

    @Test(
        "refuses headers that cannot be sent as one line",
        arguments: [
            (Header("a", "b\r\nEvil: 1"), SignError.headerValue(name: "a")),
            (Header("a", "b\u{0}"), .headerValue(name: "a")),
            (Header("a", "b\u{7f}"), .headerValue(name: "a")),
            (Header("a:b", "c"), .headerName("a:b")),
            (Header("a b", "c"), .headerName("a b")),
            (Header("", "c"), .headerName("")),
            (Header("é", "c"), .headerName("é")),
            (Header("HOST", "c"), .hostHeader),
        ]
    )
    func badHeaders(header: Header, error: SignError) {
        #expect(throws: error) {
            try sign(ObjectRequest(.get, ObjectKey("a"), headers: [header], lifetime: 60))
        }
    }

    @Test("keeps parameters that come twice, and refuses those it adds itself, in any case")
    func parameters() throws {
        var request = get()
        request.query = [QueryItem("tag", "b"), QueryItem("tag", "a"), QueryItem("uploads")]
        #expect(try sign(request).text.contains("&tag=a&tag=b&uploads=&X-Amz-Signature="))
        for name in ["X-Amz-Signature", "x-amz-date", "X-AMZ-SECURITY-TOKEN"] {
            request.query = [QueryItem(name, "1")]
            #expect(throws: SignError.reservedParameter(name)) { try sign(request) }
        }
    }

    @Test("signs names that look alike apart")
    func normalisationForms() throws {
        let composed = try sign(get("caf\u{e9}"))
        let decomposed = try sign(get("cafe\u{301}"))
        #expect(composed.text.contains("caf%C3%A9?"))
        #expect(decomposed.text.contains("cafe%CC%81?"))
    }

    @Test("signs alike whether it is new or has signed in other seconds and on other days")
    func memory() throws {
        let signer = Example.signer()
        let moments = [0, 1, 1, -1, 86_400, -86_400, 3_600, 0].map {
            Example.now + .seconds($0)
        }
        for moment in moments {
            #expect(
                try signer.presign(get(), at: moment)
                    == Example.signer().presign(get(), at: moment)
            )
        }
    }

    @Test("signs alike from many threads at once")
    func threads() async throws {
        let signer = Example.signer()
        let expected = try sign(get())
        let urls = try await withThrowingTaskGroup(of: [SignedRequest].self) { group in
            for task in 0..<8 {
                group.addTask {
                    // Every other one moves the signer's memory to another day in between.
                    try (0..<200).map { round in
                        let other = Example.now + .seconds(Int64(round) * 86_400)
                        if task.isMultiple(of: 2) { _ = try signer.presign(get(), at: other) }
                        return try signer.presign(get(), at: Example.now)
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(urls.count == 1_600)
        #expect(urls.allSatisfy { $0 == expected })
    }

    @Test("keeps secret, token and signature out of every description")
    func silence() throws {
        let key = AccessKey(id: "AK", secret: Secret("hush"), sessionToken: Secret("whisper"))
        let signed = try sign(get(), with: Example.signer(key: key))
        #expect(signed.text.contains("X-Amz-Security-Token=whisper&X-Amz-SignedHeaders=host"))
        #expect(!"\(signed)".contains("whisper") && !"\(signed)".contains("X-Amz-Signature"))
        var dumped = ""
        dump(Example.signer(key: key), to: &dumped)
        #expect(!dumped.contains("hush") && !dumped.contains("whisper"))
    }
}
