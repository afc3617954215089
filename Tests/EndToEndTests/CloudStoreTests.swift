// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("A file dropped for a store in a cloud, on stand-ins that check signatures")
struct CloudStoreTests {
    /// A store of a configuration, and what the proof of its uploads is worth.
    struct Kind: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var yaml: @Sendable (Int) -> String
        var integrity: String
        /// What its links begin with, after the port.
        var link: String
    }

    static let kinds = [
        Kind(
            testDescription: "gcs by a service account",
            yaml: { port in
                """
                { kind: gcs, bucket: media, endpoint: "http://127.0.0.1:\(port)/gcs", \
                credentials: { service_account_file: keys/account.json } }
                """
            },
            integrity: "signed",
            link: "/gcs/media/"
        ),
        Kind(
            testDescription: "gcs by an HMAC key",
            yaml: { port in
                """
                { kind: gcs, bucket: media, endpoint: "http://127.0.0.1:\(port)/gcs", \
                credentials: { access_key_file: keys/id, secret_key_file: keys/secret } }
                """
            },
            integrity: "signed",
            link: "/gcs/media/"
        ),
        Kind(
            testDescription: "azure",
            yaml: { port in
                """
                { kind: azure, account: account, container: media, \
                endpoint: "http://127.0.0.1:\(port)/azure", \
                credentials: { account_key_file: keys/account-key } }
                """
            },
            integrity: "compared",
            link: "/azure/media/"
        ),
        Kind(
            testDescription: "s3 behind CloudFront",
            yaml: { port in
                """
                { kind: s3, bucket: media, region: us-east-1, \
                endpoint: "http://127.0.0.1:\(port)/s3", \
                credentials: { access_key_file: keys/id, secret_key_file: keys/secret }, \
                cdn: { kind: cloudfront, endpoint: "http://127.0.0.1:\(port)/cdn", \
                key_pair_id: K2JCJMDEHXQW5F, private_key_file: keys/key.pem } }
                """
            },
            integrity: "etag",
            link: "/cdn/"
        ),
    ]

    @Test("becomes a link that serves its bytes, whatever its name", arguments: kinds)
    func dropped(kind: Kind) throws {
        let clouds = try Clouds()
        let sandbox = try Sandbox(store: kind.yaml(clouds.port))
        try clouds.writeKeys(in: sandbox)
        let check = try sandbox.presignd("check")
        #expect(check.status == 0, "\(check.errors)")

        let daemon = try sandbox.start()
        let content = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        let names = ["reports/a b+c~'(1)&é.pdf", "image.png", "a%2Fb.txt"]
        for name in names { try sandbox.write("inbox/\(name)", content) }
        try sandbox.write("inbox/empty", Data())
        let large = Data((0..<9_000_000).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ $0 >> 11) })
        try sandbox.write("inbox/large.bin", large)
        let lines = try sandbox.manifest.lines(count: names.count + 2)
        try #require(lines.count == names.count + 2, "\(sandbox.log)")
        for line in lines {
            #expect(line.url.hasPrefix("http://127.0.0.1:\(clouds.port)\(kind.link)"))
            let answer = try Program.curl(line.url)
            #expect(answer.status == 200 && answer.body.count == line.size, "\(line.path)")
            if line.path == "image.png" {
                #expect(answer.body == content)
                #expect(line.integrity == kind.integrity && line.proven_at != nil)
            }
            if line.path == "large.bin" { #expect(answer.body == large) }
        }
        let unsigned = try Program.curl(String(lines[0].url.prefix { $0 != "?" }))
        #expect([401, 403].contains(unsigned.status))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
        for secret in ["hush", "aHVzaA==", "BEGIN", "Signature=", "sig="] {
            #expect(!sandbox.log.contains(secret), "\(secret)")
        }
    }

    @Test("waits with the reason when its key is wrong, as `check` says before")
    func wrongKey() throws {
        let clouds = try Clouds()
        let sandbox = try Sandbox(store: Self.kinds[2].yaml(clouds.port))
        try clouds.writeKeys(in: sandbox)
        try sandbox.write("keys/account-key", "b3RoZXI=")
        let check = try sandbox.presignd("check")
        #expect(check.status == 78)
        #expect(check.errors.contains("Check `account:` and the account's key"), "\(check.errors)")
        #expect(!check.errors.contains("b3RoZXI="))
    }
}
