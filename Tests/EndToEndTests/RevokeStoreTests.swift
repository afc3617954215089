// SPDX-License-Identifier: Apache-2.0

import Control
import Foundation
import Glibc
import Testing

@Suite("Links that are taken back on other stores")
struct RevokeStoreTests {
    /// Takes links back, where a store answers with a status for what it does not have.
    private func revoke(_ sandbox: Sandbox, status: Int = 404) throws {
        let daemon = try sandbox.start()
        for name in ["a b.txt", "\u{e9}.txt"] { try sandbox.write("inbox/\(name)", "of \(name)") }
        let lines = try sandbox.manifest.lines(count: 2)
        try #require(lines.count == 2, "\(sandbox.log)")
        let moved = try RevokeTests.revoke(sandbox, lines[0].id, "--strategy", "rekey")
        #expect(moved.map(\.state) == [.revoked], "\(moved)")
        #expect(moved.map(\.oldURL) == [.dead], "\(moved)")
        let url = try #require(moved.first?.url)
        #expect(try Program.curl(url).body == Data("of \(lines[0].path)".utf8))
        #expect(try Program.curl(lines[0].url).status == status)
        let gone = try RevokeTests.revoke(sandbox, lines[0].id, lines[1].id)
        #expect(gone.map(\.oldURL) == [.dead, .dead], "\(gone)")
        for old in [url, lines[1].url] { #expect(try Program.curl(old).status == status) }
        #expect(!sandbox.log.lowercased().contains("signature="))
        #expect(!sandbox.log.contains("sig="))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("on real S3 servers", arguments: RealStore.all)
    func real(store: RealStore) throws {
        try store.createBucket("revoked")
        try revoke(try Sandbox(store: store.yaml(bucket: "revoked"), environment: store.keys))
    }

    @Test(
        "by a key that may not list the bucket, which hears 403 of what is not there",
        arguments: RealStore.ceph
    )
    func narrow(store: RealStore) throws {
        let bucket = "narrow"
        // A store may live through more than one run.
        let user = "narrow" + UUID().uuidString.prefix(8)
        try store.createBucket(bucket)
        var narrow = store
        (narrow.accessKey, narrow.secretKey) = (user.uppercased(), "narrow/secret+1")
        let keys = ["--access-key=\(narrow.accessKey)", "--secret-key=\(narrow.secretKey)"]
        try RealStore.administer(["user", "create", "--display-name=x", "--uid=\(user)"] + keys)
        let policy = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow",\
            "Principal":{"AWS":["arn:aws:iam:::user/\(user)"]},\
            "Action":["s3:PutObject","s3:GetObject","s3:DeleteObject"],\
            "Resource":["arn:aws:s3:::\(bucket)/*"]}]}
            """
        let url = try store.url("PUT", bucket: bucket, query: ["policy": ""])
        let answer = try Program.curl(url, ["-X", "PUT", "--data-binary", policy])
        try #require(answer.status < 300, "\(String(decoding: answer.body, as: UTF8.self))")
        let missing = try narrow.url("HEAD", bucket: bucket, key: "missing")
        #expect(try Program.curl(missing, ["-I"]).status == 403)
        let sandbox = try Sandbox(store: narrow.yaml(bucket: bucket), environment: narrow.keys)
        try revoke(sandbox, status: 403)
    }

    @Test("on stand-ins of clouds that check signatures", arguments: CloudStoreTests.kinds)
    func clouds(kind: CloudStoreTests.Kind) throws {
        let clouds = try Clouds()
        let sandbox = try Sandbox(store: kind.yaml(clouds.port))
        try clouds.writeKeys(in: sandbox)
        try revoke(sandbox)
    }

    @Test("a store that is out is told of, and the order stays for when it is back")
    func out() throws {
        let clouds = try Clouds()
        let kind = CloudStoreTests.kinds[3]
        let sandbox = try Sandbox(store: kind.yaml(clouds.port))
        try clouds.writeKeys(in: sandbox)
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a", "a")
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        try clouds.stop()
        let told = try RevokeTests.revoke(sandbox, line.id)
        #expect(told.map(\.state) == [.pending], "\(told)")
        #expect(told.first?.sentence.contains("t stays ordered") == true, "\(told)")
        let shown = try sandbox.presignd("links", "--json").output
        #expect(shown.contains("\"state\":\"revoking\"") && !shown.contains("\"url\""), "\(shown)")
        #expect(try sandbox.presignd("links").output.contains("bytes, being revoked)"))
        let newest = try sandbox.presignd("links", "--url", "a")
        #expect(
            newest.status == 4 && newest.errors.contains("is being revoked"),
            "\(newest.errors)"
        )
        let moved = try RevokeTests.revoke(sandbox, line.id, "--strategy", "rekey")
        #expect(moved.map(\.state) == [.refused], "a deletion stands: \(moved)")
        #expect(moved.first?.sentence.contains("that is ordered already") == true, "\(moved)")
        let status = try sandbox.presignd("status").output
        #expect(status.contains("1 link could not be renewed or revoked yet"), "\(status)")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }
}
