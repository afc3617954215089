// SPDX-License-Identifier: Apache-2.0
import Jobs
import Objects
import Sign
import Testing

@testable import Transfer

@Suite("An upload to Azure Blob Storage", .timeLimit(.minutes(2)))
struct AzureStoreTests {
    private let content = Array("123456789".utf8)

    /// A server that takes nothing but what the REST API's documentation asks for.
    private static func objects(flipping: Bool = false, silent: Bool = false) -> CloudServer {
        CloudServer(
            needed: { exchange in
                let lacks = exchange.lacks(["sv", "sr", "sp", "se", "sig"])
                let needed = ["PUT": "c", "GET": "r", "HEAD": "r"][exchange.method] ?? "x"
                guard lacks.isEmpty, exchange.query["sp"]?.contains(needed) == true,
                    exchange.query["sr"] == (exchange.query["versionid"] == nil ? "b" : "bv")
                else { return error(403, "AuthenticationFailed", "\(lacks)") }
                // A link has no header; every other request names the version it speaks.
                let version = exchange.headers["x-ms-version"]
                return exchange.method == "GET" || version != nil
                    ? nil : error(400, "MissingRequiredHeader", "x-ms-version")
            },
            missing: error(404, "BlobNotFound"),
            put: { exchange, body in take(exchange, body, flipping: flipping, silent: silent) }
        )
    }

    private static func take(
        _ exchange: Exchange,
        _ body: [UInt8],
        flipping: Bool,
        silent: Bool
    ) -> Result<CloudServer.Kept, CloudServer.Refused> {
        guard exchange.headers["x-ms-blob-type"] == "BlockBlob",
            exchange.headers["x-ms-blob-content-type"] == "application/pdf",
            exchange.headers["x-ms-blob-content-disposition"]
                == #"attachment; filename="a b.pdf""#,
            exchange.headers["transfer-encoding"] == nil,
            let id = exchange.headers["x-ms-meta-presignd_id"]
        else { return .failure(.init(reply: error(400, "MissingRequiredHeader"))) }
        guard (exchange.headers["if-none-match"] == "*") == (exchange.query["sp"] == "c") else {
            return .failure(.init(reply: error(403, "AuthorizationPermissionMismatch")))
        }
        let sent = exchange.headers["content-md5"]
        if let sent, sent != md5(body) {
            return .failure(.init(reply: error(400, "Md5Mismatch")))
        }
        var kept = body
        if flipping { kept[0] ^= 1 }
        var headers = [
            ("ETag", "\"0x8DB1234\""), ("x-ms-version-id", "2026-11-23T18:00:00.0000000Z"),
            ("x-ms-request-id", "R"), ("x-ms-meta-presignd_id", id),
        ]
        if sent != nil {
            headers.append(("Content-MD5", md5(kept)))
        } else if !silent {
            headers.append(("x-ms-content-crc64", crc64(kept)))
        }
        return .success(.init(body: kept, headers: headers))
    }

    /// As Azure writes it: the lowest byte first.
    private static func crc64(_ bytes: [UInt8]) -> String {
        let checksum = Good.crc64nvme(bytes)
        return (0..<8).map { UInt8(truncatingIfNeeded: checksum >> (8 * UInt64($0))) }.base64
    }

    private func cloud(_ objects: CloudServer = objects()) throws -> Cloud {
        try Cloud(objects, .azure) { endpoint in
            AzureSigner(
                endpoint: endpoint,
                container: "files",
                key: AccessKey(id: "account", secret: Secret("aHVzaA=="))
            )
        }
    }

    @Test("is proven by the MD5 that the store compared, and its link serves it")
    func whole() async throws {
        let cloud = try cloud()
        let (job, outcome) = try await cloud.upload(content)
        let receipt = try #require(outcome.receipt, "\(outcome)")
        #expect(receipt.integrity == .compared)
        #expect(receipt.etag == "0x8DB1234")
        #expect(receipt.versionID == "2026-11-23T18:00:00.0000000Z")
        #expect(cloud.objects.object("/files/\(job.id)/a%20b.pdf") == content)
        let url = try cloud.link(job, receipt)
        #expect(await cloud.prover.prove(url, of: job.key, receipt: receipt) == nil)
        #expect(cloud.server.requests.count == 2)
    }

    @Test("of a large file is compared with the CRC-64 that comes back")
    func large() async throws {
        let cloud = try cloud()
        let (job, outcome) = try await cloud.upload(noise((8 << 20) + 1))
        let receipt = try #require(outcome.receipt, "\(outcome)")
        #expect(receipt.integrity == .compared)
        #expect(cloud.server.requests.count == 1)
        let url = try cloud.link(job, receipt)
        #expect(await cloud.prover.prove(url, of: job.key, receipt: receipt) == nil)
    }

    @Test("of a large file is sent with its MD5 where no checksum comes back")
    func silent() async throws {
        let cloud = try cloud(Self.objects(silent: true))
        let (_, outcome) = try await cloud.upload(noise((8 << 20) + 1))
        #expect(outcome.receipt?.integrity == .compared, "\(outcome)")
        #expect(cloud.server.requests.map { $0.contains("content-md5") } == [false, true])
    }

    @Test("fails as a matter of the file when other bytes arrived", arguments: [9, (8 << 20) + 1])
    func flipped(size: Int) async throws {
        let cloud = try cloud(Self.objects(flipping: true))
        let (_, outcome) = try await cloud.upload(noise(size))
        #expect(outcome.failure?.code == "integrity")
    }

    @Test(
        "whose answer was lost is found again, also where the SAS alone forbids to overwrite",
        arguments: [(409, "BlobAlreadyExists"), (403, "UnauthorizedBlobOverwrite")]
    )
    func again(status: Int, code: String) async throws {
        let taken = CloudServer(
            needed: { _ in nil },
            missing: error(404, "BlobNotFound"),
            put: { _, _ in .failure(.init(reply: error(status, code))) }
        )
        let cloud = try cloud(taken)
        let id = try job(cloud.inbox.write(FileName("x"), [])).id
        taken.place(
            "/files/\(id)/a%20b.pdf",
            CloudServer.Kept(
                body: content,
                headers: [
                    ("ETag", "\"0x8DB1234\""), ("Content-MD5", md5(content)),
                    ("x-ms-meta-presignd_id", id.description),
                ]
            )
        )
        let (_, outcome) = try await cloud.upload(content)
        #expect(outcome.receipt?.etag == "0x8DB1234", "\(outcome)")
        #expect(cloud.server.requests.map { String($0.prefix(4)) } == ["PUT ", "HEAD"])
    }

    @Test("pins the version in the link where keys are overwritten")
    func overwrite() async throws {
        let cloud = try cloud()
        let (job, outcome) = try await cloud.upload(content, onExists: .overwrite)
        let receipt = try #require(outcome.receipt, "\(outcome)")
        let url = try cloud.link(job, receipt)
        #expect(await cloud.prover.prove(url, of: job.key, receipt: receipt) == nil)
        #expect(String(decoding: url.reveal(), as: UTF8.self).contains("&sr=bv&"))
    }

    @Test("waits with its reason where the file is larger than one Put Blob takes")
    func tooLarge() async throws {
        let cloud = try cloud()
        let file = cloud.inbox.write(FileName("huge"), [])
        var huge = try job(file)
        huge.file.stamp.size = (5_000 << 20) + 1
        let outcome = await cloud.uploader.upload(huge) { _, _ in throw Failure.cancelled(file) }
        #expect(outcome.failure?.advice == .hold)
        #expect(outcome.failure?.message.contains("5000 MiB in one piece") == true)
    }
}
