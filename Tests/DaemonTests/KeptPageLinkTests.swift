// SPDX-License-Identifier: Apache-2.0

import Jobs
import Sign
import Testing

@testable import Daemon

@Suite("The link to a published manifest")
struct KeptPageLinkTests {
    private func url(
        at moment: Timestamp = start,
        lasting seconds: Int = 1_000,
        to key: String = "pages/a.html",
        on host: String = "s3.example.org",
        by id: String = "AK"
    ) throws -> SignedURL {
        let signer = SigV4Signer(
            endpoint: Endpoint(isSecure: true, host: host),
            style: .path,
            bucket: "b",
            region: "us-east-1",
            key: AccessKey(id: id, secret: Secret("s"))
        )
        let request = ObjectRequest(.get, ObjectKey(key), lifetime: seconds)
        return try signer.presign(request, at: moment).url
    }

    @Test("is kept until half of its life is over, and then made anew")
    func half() throws {
        let old = try url()
        func left(_ seconds: Int64) throws -> Span? {
            let now = start + .seconds(seconds)
            return KeptPageLink.timeLeft(of: old, like: try url(at: now), at: now)
        }
        #expect(try left(0) == .seconds(500))
        #expect(try left(499) == .seconds(1))
        #expect(try left(500) == nil)
        #expect(try left(5_000) == nil)
    }

    @Test("is made anew when it would lead elsewhere, or another key signs it")
    func other() throws {
        let old = try url()
        let others = [
            try url(to: "pages/b.html"), try url(on: "files.example.org"), try url(by: "AK2"),
        ]
        for new in others { #expect(KeptPageLink.timeLeft(of: old, like: new, at: start) == nil) }
        // How long it is to last may change; what was given out works to its end.
        let longer = try url(lasting: 9_000)
        #expect(KeptPageLink.timeLeft(of: old, like: longer, at: start) == .seconds(500))
    }

    @Test("is made anew when what is kept is no link")
    func damaged() throws {
        for text in ["", "x", "https://s3.example.org/b/pages/a.html", "https://s3.example.org/?a"]
        {
            let kept = SignedURL(Array(text.utf8))
            #expect(KeptPageLink.timeLeft(of: kept, like: try url(), at: start) == nil)
        }
    }
}
