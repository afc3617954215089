// SPDX-License-Identifier: Apache-2.0
import Jobs
import Objects
import Testing

@testable import Transfer

/// What happens to the file at the moment its request arrives at the store.
enum Change: CaseIterable, CustomTestStringConvertible {
    case rewritten, grown, cut, removed, replaced

    func happen(in inbox: Inbox, to name: FileName, size: Int) {
        switch self {
        case .rewritten:
            inbox.write(name, Array(repeating: 1, count: size), changedNow: true)
        case .grown: inbox.write(name, Array(repeating: 1, count: size + 1))
        case .cut: inbox.cut(name, to: size / 2)
        case .removed: inbox.remove(name)
        case .replaced:
            inbox.write(FileName("other"), Array(repeating: 1, count: size))
            inbox.move(FileName("other"), over: name)
        }
    }

    var outcome: Outcome { self == .removed ? .vanished : .changed }

    var testDescription: String { "\(self)" }
}

@Suite("A file that does not stay as it was (W12, C6)", .timeLimit(.minutes(2)))
struct ChangingFileTests {
    @Test(
        "is not published when it changes while it is sent",
        arguments: Change.allCases,
        [1_000, 9 << 20]
    )
    func during(change: Change, size: Int) async throws {
        let inbox = Inbox()
        let store = TestStore { exchange, _ in
            _ = exchange.body(upTo: 100)
            change.happen(in: inbox, to: FileName("a"), size: size)
            return Reply(headers: [Good.md5(exchange.body())])
        }
        let file = inbox.write(FileName("a"), Array(repeating: 7, count: size))
        #expect(try await store.upload(file) == change.outcome)
    }

    @Test("is not sent when it changed before", arguments: Change.allCases)
    func before(change: Change) async throws {
        let store = TestStore { _, _ in nil }
        let file = store.inbox.write(FileName("a"), noise(100))
        change.happen(in: store.inbox, to: FileName("a"), size: 100)
        #expect(try await store.upload(file) == change.outcome)
        #expect(store.server.requests.isEmpty)
    }

    @Test("is not blamed on the store when the bytes differ because it changed")
    func blame() async throws {
        let inbox = Inbox()
        let store = TestStore { exchange, _ in
            _ = exchange.body()
            inbox.write(FileName("a"), [9], changedNow: true)
            return error(400, "BadDigest")
        }
        #expect(try await store.upload(inbox.write(FileName("a"), noise(100))) == .changed)
    }
}

@Suite("What lies in a watched folder")
struct SourceTests {
    private func outcome(_ file: SettledFile) -> Outcome? {
        do {
            _ = try file.open()
            return nil
        } catch {
            return error.outcome(of: file)
        }
    }

    @Test("is opened when it is a regular file, also in a folder below")
    func regular() throws {
        let inbox = Inbox()
        inbox.folder(FileName("sub"))
        let file = inbox.write(FileName("sub/a"), [1, 2, 3])
        #expect(try file.open().readAll() == [1, 2, 3])
    }

    @Test("is never read through a symbolic link", arguments: ["link", "door/a"])
    func links(name: String) {
        let inbox = Inbox()
        let outside = Inbox()
        outside.write(FileName("a"), [1])
        inbox.link(FileName("link"), to: outside.path + "/a")
        inbox.link(FileName("door"), to: outside.path)
        let failure = outcome(inbox.settled(FileName(name)))?.failure
        #expect(failure?.advice == .giveUp)
        #expect(failure?.code == "symlink")
    }

    @Test("is never read outside the root")
    func outside() {
        let inbox = Inbox()
        #expect(outcome(inbox.settled(FileName("../x")))?.failure?.code == "symlink")
        #expect(outcome(inbox.settled(FileName("/etc/passwd")))?.failure?.code == "symlink")
    }

    @Test("is not waited for when it is a FIFO, nor read when it is a folder")
    func others() {
        let inbox = Inbox()
        inbox.pipe(FileName("pipe"))
        inbox.folder(FileName("folder"))
        for name in ["pipe", "folder"] {
            #expect(outcome(inbox.settled(FileName(name)))?.failure?.code == "not-a-file")
        }
    }

    @Test("has vanished when it or its folder is gone")
    func gone() {
        let inbox = Inbox()
        inbox.write(FileName("file"), [])
        for name in ["none", "none/a", "file/a", ""] {
            #expect(outcome(inbox.settled(FileName(name))) == .vanished, "\(name)")
        }
    }

    @Test("has not vanished when the watched folder itself is gone")
    func noRoot() {
        let file = SettledFile(
            root: "/nonexistent/mount",
            name: FileName("a"),
            stamp: Inbox().settled(FileName("a")).stamp
        )
        let failure = outcome(file)?.failure
        #expect(failure?.advice == .hold)
        #expect(failure?.message.contains("/nonexistent/mount") == true)
    }

    @Test("is tried again, with the cure named, when it may not be read")
    func unreadable() {
        let file = Inbox().settled(FileName("a"))
        let failure = SourceError.unreadable.outcome(of: file).failure
        #expect(failure?.advice == .retryFile)
        #expect(failure?.message.contains("setfacl -d -m u:presignd:rX") == true)
    }

    @Test("has a digest for its identity")
    func digest() async {
        let inbox = Inbox()
        let bytes = noise(3 << 20)
        let file = inbox.write(FileName("a"), bytes)
        #expect(
            await SettledDigest(of: file)
                == .sha256(BodyHasher.digests(of: bytes, withMD5: false).sha256)
        )
        inbox.write(FileName("a"), [1])
        #expect(await SettledDigest(of: file) == .changed)
        inbox.remove(FileName("a"))
        #expect(await SettledDigest(of: file) == .vanished)
        inbox.pipe(FileName("a"))
        guard case .failed = await SettledDigest(of: file) else {
            Issue.record("a FIFO has a digest")
            return
        }
    }
}
