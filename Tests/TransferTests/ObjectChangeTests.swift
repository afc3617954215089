// SPDX-License-Identifier: Apache-2.0
import HTTP
import Jobs
import Objects
import Synchronization
import Testing

@testable import Transfer

@Suite("An object's removal and its copy, by what a store answers", .timeLimit(.minutes(3)))
struct ObjectChangeTests {
    private static let receipt = Receipt(
        size: 9,
        sha256: [],
        crc64nvme: 0xae8b_1486_0a79_9888,
        contentType: "text/plain",
        etag: "0123456789abcdef0123456789abcdef",
        integrity: .signed
    )

    private struct Scene: ~Copyable {
        let server: StoreServer
        let channel: StoreChannel
        let job: Job
        let id = UniqueID(at: testNow, random: (5, 6))

        init(_ dialect: StoreDialect = .s3, _ script: @escaping StoreServer.Script) throws {
            server = StoreServer(script)
            var place = place(port: server.port)
            place.dialect = dialect
            channel = testChannel(place)
            let inbox = Inbox()
            job = try TransferTests.job(inbox.write(FileName("a.txt"), Array("123456789".utf8)))
        }

        deinit { server.stop() }

        var target: ObjectKey { ObjectKey("\(id)/a.txt") }

        func copy() async throws(Failure) -> Receipt {
            try await ObjectCopier(channel: channel).copy(
                job,
                receipt,
                to: target,
                as: id,
                signer: signer(port: server.port)
            )
        }

        func removeCopy() async throws(Failure) {
            var copy = job
            copy.key = ObjectKey("\(job.id)-2/a.txt")
            try await ObjectRemover(channel: channel).removeCopy(
                copy,
                receipt,
                signer: signer(port: server.port)
            )
        }

        func remove(_ receipt: Receipt = receipt) async throws(Failure) -> Removal {
            try await ObjectRemover(channel: channel).remove(
                job,
                receipt,
                signer: signer(port: server.port)
            )
        }
    }

    private static func head(_ id: UniqueID, etag: String = receipt.etag, size: Int = 9) -> Reply {
        Reply(headers: [
            ("ETag", "\"\(etag)\""), ("x-amz-meta-presignd-id", "\(id)"),
            ("content-length", "\(size)"),
        ])
    }

    private static let id = UniqueID(at: testNow, random: (5, 6))

    @Test("an object is removed if it is the same, where the store can say so")
    func conditions() async throws {
        let wanted = "\"\(Self.receipt.etag)\""
        let id = Mutex<UniqueID?>(nil)
        let scene = try Scene { exchange, _ in
            guard exchange.method == "DELETE" else {
                return Self.head(id.withLock { $0 } ?? Self.id)
            }
            return Reply(status: exchange.headers["if-match"] == wanted ? 204 : 500)
        }
        id.withLock { $0 = scene.job.id }
        #expect(try await scene.remove() == .removed)
        // Another's object came between the look and the removal.
        let other = try Scene { exchange, _ in
            exchange.method == "DELETE"
                ? error(412, "PreconditionFailed")
                : Self.head(UniqueID(at: testNow, random: (8, 8)), etag: "another")
        }
        #expect(try await other.remove() == .replaced)
        var versioned = Self.receipt
        versioned.versionID = "v1"
        let exact = try Scene { exchange, _ in
            Reply(status: exchange.headers["if-match"] == nil ? 204 : 500)
        }
        #expect(try await exact.remove(versioned) == .removed)
    }

    @Test(
        "a store that knows no condition for a removal, or does not grant it, is asked without",
        arguments: [(501, "NotImplemented"), (403, "AccessDenied"), (412, "PreconditionFailed")]
    )
    func unconditional(status: Int, code: String) async throws {
        let id = Mutex<UniqueID?>(nil)
        let scene = try Scene { exchange, _ in
            guard exchange.method == "DELETE" else {
                return Self.head(id.withLock { $0 } ?? Self.id)
            }
            return exchange.headers["if-match"] == nil ? Reply(status: 204) : error(status, code)
        }
        id.withLock { $0 = scene.job.id }
        #expect(try await scene.remove() == .removed)
    }

    @Test(
        "a copy that may be left is removed unseen where the key may not list, and S3 says 403 of what is not there"
    )
    func leftCopy() async throws {
        for isThere in [false, true] {
            let removals = Mutex(0)
            let scene = try Scene { exchange, _ in
                guard exchange.method == "DELETE" else { return error(403, "AccessDenied") }
                removals.withLock { $0 += 1 }
                return Reply(status: isThere || exchange.headers["if-match"] == nil ? 204 : 412)
            }
            try await scene.removeCopy()
            #expect(removals.withLock { $0 } == 1)
        }
        let none = try Scene { exchange, _ in
            exchange.method == "HEAD" ? Reply(status: 404) : error(500, "InternalError")
        }
        try await none.removeCopy()
        let other = try Scene { exchange, _ in
            exchange.method == "HEAD" ? Self.head(Self.id) : error(500, "InternalError")
        }
        try await other.removeCopy()
        // May not delete either.
        let denied = try Scene { _, _ in error(403, "AccessDenied") }
        await #expect(throws: Failure.self) { try await denied.removeCopy() }
    }

    @Test("a copy whose answer was lost is found by its id, and only by that")
    func lost() async throws {
        let scene = try Scene { exchange, _ in
            exchange.method == "HEAD" ? Self.head(Self.id) : error(412, "PreconditionFailed")
        }
        #expect(try await scene.copy().etag == Self.receipt.etag)
        let other = try Scene { exchange, _ in
            exchange.method == "HEAD"
                ? Self.head(UniqueID(at: testNow, random: (8, 8)))
                : error(412, "PreconditionFailed")
        }
        let failure = await #expect(throws: Failure.self) { try await other.copy() }
        #expect(failure?.code == "key-exists")
    }

    @Test("a source that was replaced is not copied: the store's 412 without a copy says so")
    func replaced() async throws {
        let scene = try Scene { exchange, _ in
            exchange.method == "HEAD" ? Reply(status: 404) : error(412, "PreconditionFailed")
        }
        let failure = await #expect(throws: Failure.self) { try await scene.copy() }
        #expect(failure?.code == "object-differs" && failure?.advice == .giveUp)
    }

    @Test("an error under status 200 is no copy")
    func late() async throws {
        let scene = try Scene { _, _ in error(200, "InternalError") }
        let failure = await #expect(throws: Failure.self) { try await scene.copy() }
        #expect(failure?.code == "InternalError" && failure?.advice == .retry)
    }

    @Test("a store that knows no condition is asked without; one that cannot copy is told of")
    func headers() async throws {
        let scene = try Scene { exchange, _ in
            if exchange.method == "HEAD" { return Self.head(Self.id) }
            return exchange.headers["if-none-match"] == nil
                ? Reply(body: Array("<CopyObjectResult></CopyObjectResult>".utf8))
                : error(501, "NotImplemented", "If-None-Match")
        }
        #expect(try await scene.copy().integrity == .etag)
        let other = try Scene { _, _ in error(501, "NotImplemented") }
        let failure = await #expect(throws: Failure.self) { try await other.copy() }
        #expect(failure?.message.contains("--strategy delete") == true)
    }

    @Test("other bytes under the new key are no copy", arguments: [true, false])
    func differs(bySize: Bool) async throws {
        let scene = try Scene { exchange, _ in
            guard exchange.method == "HEAD" else {
                return Reply(body: Array("<CopyObjectResult></CopyObjectResult>".utf8))
            }
            return bySize
                ? Self.head(Self.id, size: 8)
                : Self.head(Self.id, etag: String(repeating: "f", count: 32))
        }
        let failure = await #expect(throws: Failure.self) { try await scene.copy() }
        #expect(failure?.code == "object-differs")
    }

    @Test("Azure is told of the source by a URL, which no message repeats")
    func azure() async throws {
        let told = Mutex<[String]>([])
        let scene = try Scene(.azure) { exchange, _ in
            if exchange.method == "HEAD" {
                return Reply(headers: [
                    ("ETag", "\"0x8D\""), ("x-ms-meta-presignd_id", "\(Self.id)"),
                    ("content-length", "9"),
                ])
            }
            told.withLock { $0.append(exchange.headers["x-ms-copy-source"] ?? "") }
            return Reply(status: 201, headers: [("ETag", "\"0x8D\""), ("x-ms-version-id", "V")])
        }
        #expect(try await scene.copy().versionID == "V")
        let source = told.withLock { $0 }
        #expect(source.count == 1 && source[0].contains("/bucket/key?X-Amz-Signature="))
        let refused = try Scene(.azure) { exchange, _ in
            exchange.method == "HEAD"
                ? Reply(status: 404, headers: [("x-ms-error-code", "BlobNotFound")])
                : error(403, "CannotVerifyCopySource", exchange.headers["x-ms-copy-source"] ?? "")
        }
        let failure = await #expect(throws: Failure.self) { try await refused.copy() }
        #expect(failure?.message.contains("secret") == false, "\(String(describing: failure))")
    }

    @Test("Azure's blob that is another's by now stays, and our version of it goes")
    func azureVersion() async throws {
        let seen = Mutex<[String]>([])
        let scene = try Scene(.azure) { exchange, number in
            seen.withLock { $0.append(exchange.headers["if-match"] ?? "none") }
            return number == 0 ? error(412, "ConditionNotMet") : Reply(status: 202)
        }
        var receipt = Self.receipt
        receipt.versionID = "V"
        #expect(try await scene.remove(receipt) == .removed)
        #expect(seen.withLock { $0 } == ["\"\(receipt.etag)\"", "none"])
    }
}
