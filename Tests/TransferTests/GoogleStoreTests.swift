// SPDX-License-Identifier: Apache-2.0
import Jobs
import Objects
import Sign
import Testing

@testable import Transfer

@Suite("An upload to Google Cloud Storage", .timeLimit(.minutes(2)))
struct GoogleStoreTests {
    private let content = Array("123456789".utf8)

    /// A server that takes nothing but what the XML API's documentation asks for.
    private static func objects(flipping: Bool = false) -> CloudServer {
        let server = CloudServer(
            needed: { exchange in
                let lacks = exchange.lacks([
                    "X-Goog-Algorithm", "X-Goog-Credential", "X-Goog-Date", "X-Goog-Expires",
                    "X-Goog-SignedHeaders", "X-Goog-Signature",
                ])
                guard lacks.isEmpty else { return error(400, "AuthenticationRequired", "\(lacks)") }
                // All x-goog- headers must be among the signed ones.
                let signed = exchange.query["X-Goog-SignedHeaders"]?.split(separator: ";") ?? []
                let names = signed.flatMap { $0.split(separator: "%3B") }
                let open = exchange.headers.keys.filter { name in
                    name.hasPrefix("x-goog-") && !names.contains { $0 == name }
                }
                return open.isEmpty ? nil : error(403, "SignatureDoesNotMatch", "\(open)")
            },
            missing: error(404, "NoSuchKey"),
            put: { exchange, body in take(exchange, body, flipping: flipping) }
        )
        return server
    }

    private static func take(
        _ exchange: Exchange,
        _ body: [UInt8],
        flipping: Bool
    ) -> Result<CloudServer.Kept, CloudServer.Refused> {
        guard exchange.headers["x-goog-content-length-range"] == "\(body.count),\(body.count)",
            exchange.headers["content-type"] == "application/pdf",
            exchange.headers["content-disposition"] == #"attachment; filename="a b.pdf""#,
            let id = exchange.headers["x-goog-meta-presignd-id"]
        else { return .failure(.init(reply: error(400, "InvalidArgument"))) }
        if let sent = exchange.headers["content-md5"], sent != md5(body) {
            return .failure(.init(reply: error(400, "BadDigest")))
        }
        var kept = body
        if flipping { kept[0] ^= 1 }
        let headers = [
            ("ETag", "\"CJjy1234\""), ("x-goog-generation", "1634747480977957"),
            ("x-goog-hash", "crc32c=n03x6A=="), ("x-goog-hash", "md5=\(md5(kept))"),
            ("x-goog-meta-presignd-id", id),
        ]
        return .success(.init(body: kept, headers: headers))
    }

    private func cloud(_ objects: CloudServer = objects()) throws -> Cloud {
        try Cloud(objects, .google) { endpoint in
            SigV4Signer(
                endpoint: endpoint,
                style: .path,
                bucket: "files",
                key: .hmac(AccessKey(id: "GOOG1E", secret: Secret("hush")))
            )
        }
    }

    @Test("is proven by the MD5 that was signed, and its link serves it")
    func whole() async throws {
        let cloud = try cloud()
        let (job, outcome) = try await cloud.upload(content)
        let receipt = try #require(outcome.receipt, "\(outcome)")
        #expect(receipt.integrity == .signed)
        #expect(receipt.versionID == "1634747480977957")
        #expect(cloud.objects.object("/files/\(job.id)/a%20b.pdf") == content)
        #expect(cloud.server.requests.first?.contains("content-md5") == true)
        #expect(cloud.server.requests.first?.contains("x-goog-if-generation-match") == true)
        let url = try cloud.link(job, receipt)
        #expect(await cloud.prover.prove(url, of: job.key, receipt: receipt) == nil)
        #expect(cloud.server.requests.count == 2)
    }

    @Test("of a large file is compared with the MD5 that comes back")
    func large() async throws {
        let cloud = try cloud()
        let (job, outcome) = try await cloud.upload(noise((8 << 20) + 1))
        let receipt = try #require(outcome.receipt, "\(outcome)")
        #expect(receipt.integrity == .compared)
        #expect(cloud.server.requests.first?.contains("content-md5") == false)
        let url = try cloud.link(job, receipt)
        #expect(await cloud.prover.prove(url, of: job.key, receipt: receipt) == nil)
    }

    @Test("of an empty file is an upload like any other")
    func empty() async throws {
        let cloud = try cloud()
        let (job, outcome) = try await cloud.upload([])
        let receipt = try #require(outcome.receipt, "\(outcome)")
        let url = try cloud.link(job, receipt)
        #expect(await cloud.prover.prove(url, of: job.key, receipt: receipt) == nil)
    }

    @Test("fails as a matter of the file when other bytes arrived", arguments: [9, (8 << 20) + 1])
    func flipped(size: Int) async throws {
        let cloud = try cloud(Self.objects(flipping: true))
        let (_, outcome) = try await cloud.upload(noise(size))
        #expect(outcome.failure?.advice == .resend)
        #expect(outcome.failure?.code == "integrity")
    }

    @Test("whose answer was lost is found again by its metadata")
    func again() async throws {
        let taken = CloudServer(
            needed: { _ in nil },
            missing: error(404, "NoSuchKey"),
            put: { _, _ in .failure(.init(reply: error(412, "PreconditionFailed"))) }
        )
        let cloud = try cloud(taken)
        let id = try job(cloud.inbox.write(FileName("x"), [])).id
        taken.place(
            "/files/\(id)/a%20b.pdf",
            CloudServer.Kept(
                body: content,
                headers: [
                    ("ETag", "\"CJjy1234\""), ("x-goog-hash", "md5=\(md5(content))"),
                    ("x-goog-meta-presignd-id", id.description),
                ]
            )
        )
        let (_, outcome) = try await cloud.upload(content)
        #expect(outcome.receipt?.etag == "CJjy1234")
        #expect(cloud.server.requests.map { String($0.prefix(4)) } == ["PUT ", "HEAD"])
    }

    @Test("pins the generation in the link where keys are overwritten")
    func overwrite() async throws {
        let cloud = try cloud()
        let (job, outcome) = try await cloud.upload(content, onExists: .overwrite)
        let receipt = try #require(outcome.receipt, "\(outcome)")
        #expect(cloud.server.requests.first?.contains("x-goog-if-generation-match") == false)
        let url = String(decoding: try cloud.link(job, receipt).reveal(), as: UTF8.self)
        #expect(url.contains("&generation=1634747480977957"))
    }
}
