// SPDX-License-Identifier: Apache-2.0
import HTTP
import Jobs
import Synchronization
import Testing

@testable import Transfer

@Suite("The bytes of a file on their way", .timeLimit(.minutes(2)))
struct SentBytesTests {
    /// Sizes that are sent in one piece from memory, and from the file.
    static let sizes = [1 << 20, 9 << 20]

    @Test("are counted while they are sent, and are all in the end", arguments: sizes)
    func counted(size: Int) async throws {
        let sent = SentBytes()
        let early = Mutex<Int64>(0)
        let store = TestStore { exchange, _ in
            _ = exchange.body(upTo: 1)
            early.withLock { $0 = sent.count }
            return Reply(headers: [Good.opaque, Good.checksum(exchange.body())])
        }
        let file = store.inbox.write(FileName("a"), noise(size))
        #expect(try await store.upload(file, sent: sent).receipt != nil)
        #expect(early.withLock { $0 } > 0)
        #expect(sent.count == size)
    }

    @Test("count once where they have to be sent twice", arguments: sizes)
    func again(size: Int) async throws {
        let sent = SentBytes()
        let store = TestStore { exchange, number in
            let body = exchange.body()
            // What proves nothing has a second request follow at once; a refused header too.
            if number == 0 { return error(501, "NotImplemented") }
            return Reply(headers: [Good.opaque, Good.checksum(body)])
        }
        let file = store.inbox.write(FileName("a"), noise(size))
        _ = try await store.upload(file, sent: sent)
        #expect(store.server.requests.count > 1)
        #expect(sent.count == size)
    }

    @Test("count anew when a connection has died and the body is read from its start")
    func restarted() throws {
        let inbox = Inbox()
        let sent = SentBytes()
        let bytes = noise(300)
        let file = try inbox.write(FileName("a"), bytes).open()
        let bodies: [any HTTPBodySource] = [
            MemoryBody(bytes, sent: sent),
            StreamedBody(file, withMD5: false, sent: sent),
            PartBody(.file(file, offset: 100), length: 200, sent: sent),
        ]
        var expected: Int64 = 0
        for body in bodies {
            var buffer = [UInt8](repeating: 0, count: 128)
            for offset in [0, 128, 0] {
                let count = try unsafe buffer.withUnsafeMutableBytes {
                    try unsafe body.read(into: $0, at: Int64(offset))
                }
                #expect(sent.count == expected + Int64(offset + count))
            }
            expected += 128
        }
    }

    @Test("are taken back when a part was not stored")
    func takenBack() throws {
        let sent = SentBytes()
        let share = SentShare(of: sent)
        let other = SentShare(of: sent)
        other.note(upTo: 5)
        for offset: Int64 in [3, 10, 2, 8] { share.note(upTo: offset) }
        #expect(sent.count == 13)
        share.note(upTo: 0)
        #expect(sent.count == 5)
    }
}
