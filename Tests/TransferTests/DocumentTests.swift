// SPDX-License-Identifier: Apache-2.0
import Glibc
import Jobs
import Objects
import Testing

@testable import Transfer

@Suite("A document that presignd made itself", .timeLimit(.minutes(2)))
struct DocumentTests {
    private func page() throws -> Job {
        let stamp = FileStamp(size: 0, modified: testNow, changed: testNow, inode: 0)
        let file = SettledFile(root: "", name: FileName("drop.html"), stamp: stamp)
        var page = try job(file, onExists: .overwrite)
        page.template.object.contentType = "text/html; charset=utf-8"
        return page
    }

    @Test("is stored from memory, whole or streamed, over what is there", arguments: [9, 9 << 20])
    func memory(size: Int) async throws {
        let content = noise(size)
        let store = TestStore { exchange, _ in
            let body = exchange.body()
            #expect(body == content)
            #expect(exchange.headers["if-none-match"] == nil)
            #expect(exchange.headers["content-type"] == "text/html; charset=utf-8")
            #expect(exchange.headers["x-amz-checksum-crc64nvme"] == Good.checksum(body).1)
            return Reply(headers: [Good.opaque, Good.checksum(body)])
        }
        let document = try Document()
        for start in stride(from: 0, to: size, by: 1 << 20) {
            try document.append(Array(content[start..<min(start + 1 << 20, size)]))
        }
        let signer = signer(port: store.server.port)
        let outcome = await store.uploader.upload(document, as: try page(), signer: signer)
        let receipt = try #require(outcome.receipt)
        #expect(receipt.size == Int64(size) && receipt.integrity == .signed)
    }

    @Test("is what its file held when it was opened, though the name gets another meanwhile")
    func replaced() async throws {
        let inbox = Inbox()
        inbox.write(FileName("index.html"), Array("the old page".utf8))
        inbox.write(FileName("new"), Array("another, longer page".utf8))
        let path = inbox.path
        let store = TestStore { exchange, _ in
            _ = unsafe rename("\(path)/new", "\(path)/index.html")
            let body = exchange.body()
            #expect(body == Array("the old page".utf8))
            return Reply(headers: [Good.opaque, Good.checksum(body)])
        }
        let document = try Document(path: "\(path)/index.html")
        let signer = signer(port: store.server.port)
        let outcome = await store.uploader.upload(document, as: try page(), signer: signer)
        #expect(outcome.receipt?.size == 12)
    }

    @Test("says why it was not stored, or not opened")
    func failures() async throws {
        let store = TestStore { _, _ in error(403, "AccessDenied", "no") }
        let document = try Document()
        let signer = signer(port: store.server.port)
        let outcome = await store.uploader.upload(document, as: try page(), signer: signer)
        guard case .failed(let failure) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.advice == .parkStore && failure.code == "AccessDenied")
        let missing = #expect(throws: Failure.self) { _ = try Document(path: "/nowhere/x") }
        #expect(missing?.message.contains("/nowhere/x") == true)
    }
}
