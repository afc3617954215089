// SPDX-License-Identifier: Apache-2.0
import HTTP
import Jobs
import Objects
import Testing

@testable import Transfer

@Suite("A large file whose key is taken", .timeLimit(.minutes(2)))
struct MultipartTakenKeyTests {
    private static let content: [UInt8] = noise(2 << 20)

    /// Uploads to a store that has an object of another's, with these headers.
    private func upload(
        onExists: OnExists,
        _ head: [(String, String)]
    ) async throws -> (Outcome, methods: [String]) {
        let inbox = Inbox()
        let server = StoreServer { exchange, _ in
            exchange.method == "HEAD" ? Reply(headers: head) : error(500, "Unexpected")
        }
        defer { server.stop() }
        let uploader = Uploader(
            channel: StoreChannel(
                http: HTTPClient(),
                place: place(port: server.port),
                now: { testNow }
            ),
            memory: MemoryBudget(bytes: 32 << 20),
            endpoint: EndpointMemory(),
            parts: PartSettings(threshold: 1, size: 1 << 20)
        )
        let outcome = await uploader.upload(
            try job(inbox.write(FileName("a"), Self.content), onExists: onExists),
            signer: signer(port: server.port),
            ledger: MemoryLedger().ledger
        )
        return (outcome, server.requests.map { String($0.prefix(4)) })
    }

    private static let size = ("content-length", String(content.count))

    @Test("takes the same bytes for its upload, and sends none")
    func same() async throws {
        let head = [Good.opaque, Good.checksum(Self.content), Self.size]
        let (outcome, methods) = try await upload(onExists: .skipIfSame, head)
        #expect(outcome.receipt?.integrity == .compared)
        #expect(outcome.receipt?.crc64nvme == Good.crc64nvme(Self.content))
        #expect(methods == ["HEAD"])
    }

    @Test(
        "sends nothing in vain where it has to take another key, or a person has to decide",
        arguments: [OnExists.rename, .skipIfSame]
    )
    func other(onExists: OnExists) async throws {
        let (outcome, methods) = try await upload(
            onExists: onExists,
            [Good.opaque, Good.checksum([1]), Self.size]
        )
        guard case .keyTaken = outcome else {
            Issue.record("unexpected: \(outcome)")
            return
        }
        #expect(methods == ["HEAD"])
    }
}
