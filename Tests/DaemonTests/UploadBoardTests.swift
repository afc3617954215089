// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Testing

@testable import Daemon

@Suite("An upload that somebody waits for", .timeLimit(.minutes(2)))
struct UploadBoardTests {
    private let board = UploadBoard()

    private func result(_ path: String, isWaiting: Bool = false) -> UploadResult {
        UploadResult(
            path: path,
            url: isWaiting ? nil : "http://127.0.0.1/\(path)",
            problem: isWaiting ? "SlowDown" : nil,
            isWaiting: isWaiting
        )
    }

    private func id(_ number: UInt64) -> UniqueID { UniqueID(at: start, random: (number, number)) }

    @Test("gets the results in the order in which jobs end, and only what it has not yet")
    func order() async throws {
        let upload = board.open()
        for number in 1...3 { board.add(id(UInt64(number)), to: upload) }
        board.close(upload)
        board.report(id(2), result("b"))
        var progress = try await board.progress(of: upload, after: 0)
        #expect(progress == UploadProgress(results: [result("b")], isComplete: false))
        board.report(id(3), result("c"))
        board.report(id(1), result("a"))
        progress = try await board.progress(of: upload, after: 1)
        #expect(progress == UploadProgress(results: [result("c"), result("a")], isComplete: true))
    }

    @Test("is told as soon as something happens")
    func waits() async throws {
        let upload = board.open()
        board.add(id(1), to: upload)
        board.close(upload)
        async let progress = board.progress(of: upload, after: 0)
        board.report(id(1), result("a"))
        #expect(try await progress == UploadProgress(results: [result("a")], isComplete: true))
    }

    @Test("is complete at once when it is empty or has only results that need no job")
    func withoutJobs() async throws {
        let empty = board.open()
        board.close(empty)
        let nothing = UploadProgress(results: [], isComplete: true)
        #expect(try await board.progress(of: empty, after: 0) == nothing)
        let upload = board.open()
        board.add(result("known"), to: upload)
        board.close(upload)
        let known = UploadProgress(results: [result("known")], isComplete: true)
        #expect(try await board.progress(of: upload, after: 0) == known)
    }

    @Test("is not complete while it is filled")
    func notYetClosed() async throws {
        let upload = board.open()
        board.add(id(1), to: upload)
        board.report(id(1), result("a"))
        #expect(try await !board.progress(of: upload, after: 0).isComplete)
        board.close(upload)
        let end = UploadProgress(results: [], isComplete: true)
        #expect(try await board.progress(of: upload, after: 1) == end)
    }

    @Test("does not wait for a job that was untied, because it was not queued after all")
    func untied() async throws {
        let upload = board.open()
        board.add(id(1), to: upload)
        board.add(id(2), to: upload)
        board.remove(id(1), from: upload)
        board.close(upload)
        board.report(id(1), result("not ours"))
        board.report(id(2), result("b"))
        let progress = try await board.progress(of: upload, after: 0)
        #expect(progress == UploadProgress(results: [result("b")], isComplete: true))
    }

    @Test("hears why a file waits, and waits on")
    func waiting() async throws {
        let upload = board.open()
        board.add(id(1), to: upload)
        board.close(upload)
        let trouble = result("a", isWaiting: true)
        board.report(id(1), trouble)
        let first = UploadProgress(results: [trouble], isComplete: false, waiting: 1)
        #expect(try await board.progress(of: upload, after: 0) == first)
        board.report(id(1), result("a"))
        let last = UploadProgress(results: [result("a")], isComplete: true)
        #expect(try await board.progress(of: upload, after: 1) == last)
    }

    @Test("shares a job with another upload: both get its result")
    func shared() async throws {
        let uploads = [board.open(), board.open()]
        #expect(uploads[0] != uploads[1])
        for upload in uploads {
            board.add(id(1), to: upload)
            board.close(upload)
        }
        board.report(id(1), result("a"))
        for upload in uploads {
            let progress = try await board.progress(of: upload, after: 0)
            #expect(progress == UploadProgress(results: [result("a")], isComplete: true))
        }
    }

    @Test("may name one file twice, and gets two results")
    func sameJobTwice() async throws {
        let upload = board.open()
        board.add(id(1), to: upload)
        board.add(id(1), to: upload)
        board.close(upload)
        board.report(id(1), result("a"))
        let progress = try await board.progress(of: upload, after: 0)
        #expect(progress == UploadProgress(results: [result("a"), result("a")], isComplete: true))
    }

    @Test("gets each end of a job once")
    func once() async throws {
        let upload = board.open()
        board.add(id(1), to: upload)
        board.add(id(2), to: upload)
        board.close(upload)
        board.report(id(1), result("a"))
        board.report(id(1), result("again"))
        let progress = try await board.progress(of: upload, after: 0)
        #expect(progress == UploadProgress(results: [result("a")], isComplete: false))
    }

    @Test("does not make the result of a job that nobody waits for")
    func lazy() {
        var isMade = false
        func make() -> UploadResult {
            isMade = true
            return result("a")
        }
        board.report(id(1), make())
        #expect(!isMade)
    }

    @Test("is forgotten with its last results; an unknown one is told that its files stay queued")
    func unknown() async throws {
        let upload = board.open()
        board.close(upload)
        _ = try await board.progress(of: upload, after: 0)
        for number in [upload, 99] {
            let error = await #expect(throws: OperationError.self) {
                try await board.progress(of: number, after: 0)
            }
            #expect(error?.description.contains("upload \(number) is not known") == true)
            #expect(error?.description.contains("stay queued") == true)
        }
    }

    @Test("is let go when whoever waits for it is")
    func stopped() async throws {
        let upload = board.open()
        board.add(id(1), to: upload)
        board.close(upload)
        let waiter = Task { try await board.progress(of: upload, after: 0) }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
    }

    @Test("tells everybody who waits for it")
    func severalWaiters() async throws {
        let upload = board.open()
        board.add(id(1), to: upload)
        board.add(id(2), to: upload)
        board.close(upload)
        async let first = board.progress(of: upload, after: 0)
        async let second = board.progress(of: upload, after: 0)
        board.report(id(1), result("a"))
        let expected = UploadProgress(results: [result("a")], isComplete: false)
        #expect(try await [first, second] == [expected, expected])
    }

    @Test("that could not be filled is forgotten, and its jobs with it")
    func abandoned() async throws {
        let upload = board.open()
        let other = board.open()
        for upload in [upload, other] { board.add(id(1), to: upload) }
        board.add(id(2), to: upload)
        board.abandon(upload)
        await #expect(throws: OperationError.self) {
            try await board.progress(of: upload, after: 0)
        }
        board.close(other)
        board.report(id(1), result("a"))
        let progress = try await board.progress(of: other, after: 0)
        #expect(progress == UploadProgress(results: [result("a")], isComplete: true))
    }

    @Test("is told after a while how far its bytes are, whether or not a file has ended")
    func bytes() async throws {
        let upload = board.open()
        let folder = try TemporaryFolder()
        let files = try ["a", "b"].map { try folder.settled($0, "12345") }
        for number in 1...3 { board.add(id(UInt64(number)), size: 5, to: upload) }
        board.add(id(4), size: 5, isStored: true, to: upload)
        board.close(upload)
        func look() async throws -> UploadProgress {
            try await board.progress(of: upload, after: 0, interval: 1)
        }
        #expect(
            try await look() == UploadProgress(results: [], isComplete: false, total: 20, bytes: 5)
        )
        _ = board.begin(id(2), files[1])
        _ = board.begin(id(1), files[0])
        // Somebody else's.
        _ = board.begin(id(9), files[0])
        var seen = try await look()
        #expect(seen.moving.map(\.path) == ["\(files[1].name)", "\(files[0].name)"])
        #expect(seen.moving.allSatisfy { $0.size == 5 && $0.sent == 0 } && seen.bytes == 5)
        board.end(id(2), isStored: true)
        board.end(id(1), isStored: false)
        seen = try await look()
        #expect(seen.moving.isEmpty && seen.bytes == 10 && seen.total == 20)
    }

    @Test("knows what waits, and has nothing more to send of what failed for good")
    func sums() async throws {
        let upload = board.open()
        let folder = try TemporaryFolder()
        for number in 1...3 { board.add(id(UInt64(number)), size: 5, to: upload) }
        board.close(upload)
        board.report(id(1), result("a", isWaiting: true))
        board.report(id(1), result("a", isWaiting: true))
        #expect(try await board.progress(of: upload, after: 0).waiting == 1)
        _ = board.begin(id(1), try folder.settled("a", "12345"))
        #expect(try await board.progress(of: upload, after: 0).waiting == 0)
        board.end(id(1), isStored: true)
        // Its link could not be proven: nothing of it is left to do.
        board.report(id(1), UploadResult(path: "a", url: nil, problem: "gone"))
        let seen = try await board.progress(of: upload, after: 0)
        #expect(seen.total == 10 && seen.bytes == 0)
        board.report(id(2), result("b"))
        #expect(try await board.progress(of: upload, after: 0).bytes == 5)
    }

    @Test("whose results nobody came for is kept for a while, and not for ever")
    func unclaimed() async throws {
        let uploads = (0..<30).map { _ in
            let upload = board.open()
            board.add(result("\(upload)"), to: upload)
            board.close(upload)
            return upload
        }
        let last = try #require(uploads.last)
        #expect(try await board.progress(of: last, after: 0).results == [result("\(last)")])
        await #expect(throws: OperationError.self) {
            try await board.progress(of: uploads[0], after: 0)
        }
    }
}
