// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("A dropped folder that is one group (W15)")
struct GroupTests {
    /// A line of any event.
    private struct Event: Decodable {
        struct Group: Decodable, Equatable {
            var id: String
            var name: String
            var rev: Int
        }
        var seq: Int
        var event: String
        var id: String
        var rev: Int
        var path: String
        var url: String?
        var group: Group?
        var members: Int?
        var bytes: Int?
        var isGroup: Bool { event == "group.published" }
    }

    private func events(_ sandbox: Sandbox) throws -> [Event] {
        guard let data = try? Data(contentsOf: sandbox.manifest.file) else { return [] }
        guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        return try data[...end].split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Event.self, from: $0)
        }
    }

    /// Waits until so many groups are published.
    private func events(_ sandbox: Sandbox, groups: Int) throws -> [Event] {
        try sandbox.manifest.wait { try events(sandbox).filter(\.isGroup).count >= groups }
        return try events(sandbox)
    }

    private func sandbox(_ group: String, more: String = "") throws -> Sandbox {
        try Sandbox(template: "group: { by: directory, \(group) }\n\(more)")
    }

    private func drop(_ names: some Sequence<Int>, in folder: String, _ sandbox: Sandbox) throws {
        for name in names { try sandbox.write("inbox/\(folder)/deep/\(name).txt", "file \(name)") }
    }

    /// What a reader relies on: numbers rise, each link once, a group's line after all its links.
    private func check(_ events: [Event], _ note: Comment = "") {
        #expect(events.map(\.seq) == Array(1..<(events.count + 1)), note)
        let links = events.filter { !$0.isGroup }
        #expect(Set(links.map(\.id)).count == links.count, note)
        for group in events where group.isGroup {
            let before = links.filter { $0.seq < group.seq && $0.group?.id == group.id }
            #expect(before.count == group.members, note)
            let own = links.filter { $0.group?.id == group.id && $0.group?.rev == group.rev }
            #expect(own.allSatisfy { $0.seq < group.seq }, note)
        }
        let revisions = events.filter(\.isGroup).map { "\($0.id) \($0.rev)" }
        #expect(Set(revisions).count == revisions.count, note)
    }

    @Test("is published as one when it has been quiet, also a file that grew for a while")
    func quiet() throws {
        let sandbox = try self.sandbox("quiet: 2s")
        let daemon = try sandbox.start()
        try drop(1...49, in: "drop-17", sandbox)
        try sandbox.write("inbox/drop-17/growing.bin", "begun")
        let place = sandbox.folder.appending(path: "inbox/drop-17/growing.bin")
        let growing = try FileHandle(forWritingTo: place)
        try growing.seekToEnd()
        try sandbox.write("inbox/alone.txt", "in the root itself")
        // The others are uploaded, and the single one is published, while this one is open.
        let single = try sandbox.manifest.lines(count: 1)
        #expect(single.map(\.path) == ["alone.txt"])
        try growing.write(contentsOf: Data(" and finished".utf8))
        try growing.close()
        let events = try self.events(sandbox, groups: 1)
        #expect(events.count == 52, "\(sandbox.log)")
        check(events)
        let group = try #require(events.last)
        #expect(group.path == "drop-17" && group.rev == 1 && group.members == 50)
        let mark = Event.Group(id: group.id, name: "drop-17", rev: 1)
        #expect(events[1...50].allSatisfy { $0.group == mark })
        #expect(events[0].group == nil)
        let grown = try #require(events.first { $0.path == "drop-17/growing.bin" }?.url)
        #expect(try Program.curl(grown).body == Data("begun and finished".utf8))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("is published when its marker is there, and what comes later is its next revision")
    func marker() throws {
        let sandbox = try self.sandbox("ready: _READY", more: "after: delete\n")
        let daemon = try sandbox.start()
        try drop(1...5, in: "drop", sandbox)
        try sandbox.write("inbox/other.txt", "meanwhile")
        #expect(try sandbox.manifest.lines(count: 1).map(\.path) == ["other.txt"])
        let waiting = try sandbox.presignd("jobs").output
        #expect(waiting.contains("drop"), "\(waiting)")
        try sandbox.write("inbox/drop/_READY", "")
        var events = try self.events(sandbox, groups: 1)
        #expect(events.count == 7, "\(sandbox.log)")
        check(events)
        #expect(events.last?.members == 5)
        try sandbox.write("inbox/drop/late.txt", "too late")
        events = try self.events(sandbox, groups: 2)
        check(events)
        #expect(events.count == 9)
        #expect(events[7].path == "drop/late.txt" && events[7].group?.rev == 2)
        #expect(events[8].rev == 2 && events[8].members == 6)
        #expect(events[8].id == events[6].id)
        try sandbox.untilGone("inbox/drop/late.txt")
        try sandbox.untilGone("inbox/drop/deep/5.txt")
        let why = try sandbox.presignd("why", "inbox/drop/_READY").output
        #expect(why.contains("tells that its folder is complete"), "\(why)")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("waits for a member that needs a person, says so, and goes on when it is mended")
    func dead() throws {
        let more = "key: \"{name}\"\non_exists: skip-if-same\n"
        let sandbox = try self.sandbox("quiet: 1s", more: more)
        let daemon = try sandbox.start()
        // Takes the key of one member.
        try sandbox.write("inbox/2.txt", "in the root itself")
        _ = try sandbox.manifest.lines(count: 1)
        try drop(1...3, in: "drop", sandbox)
        try sandbox.untilLog(contains: "a group waits: a member needs a person")
        #expect(try self.events(sandbox).count == 1)
        let status = try sandbox.presignd("status").output
        #expect(status.contains("group drop (template inbox) waits"), "\(status)")
        let jobs = try sandbox.presignd("jobs", "--json").output
        #expect(jobs.contains("its group drop waits for it"), "\(jobs)")
        let why = try sandbox.presignd("why", "inbox/drop/deep/1.txt").output
        #expect(why.contains("published with its group drop"), "\(why)")
        try sandbox.write("inbox/drop/deep/2.txt", "in the root itself")
        let events = try self.events(sandbox, groups: 1)
        check(events)
        #expect(events.last?.members == 3)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("is published in part after its timeout, and the rest is a later revision")
    func timeout() throws {
        let sandbox = try self.sandbox("ready: DONE, timeout: 3s")
        let daemon = try sandbox.start()
        try drop(1...2, in: "drop", sandbox)
        var events = try self.events(sandbox, groups: 1)
        #expect(events.last?.members == 2)
        try drop(3...3, in: "drop", sandbox)
        events = try self.events(sandbox, groups: 2)
        check(events)
        #expect(events.last?.rev == 2 && events.last?.members == 3)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("is published once a revision, whole, however often presignd is killed")
    func killed() throws {
        let sandbox = try self.sandbox("ready: _READY")
        var daemon = try sandbox.start()
        try drop(1...300, in: "one", sandbox)
        try drop(1...20, in: "two", sandbox)
        try sandbox.write("inbox/one/_READY", "")
        try sandbox.write("inbox/two/_READY", "")
        // While files are found and sent, and right after a start has begun to go on.
        for _ in 1...3 {
            daemon.signal(SIGKILL)
            daemon.wait()
            daemon = try sandbox.start()
        }
        // When a group is being written, or was a moment ago.
        for lines in [1, 2, 302] {
            try sandbox.manifest.wait(within: 20) { try self.events(sandbox).count >= lines }
            daemon.signal(SIGKILL)
            daemon.wait()
            daemon = try sandbox.start()
        }
        try drop(301...310, in: "one", sandbox)
        // The marker is there, so they may make one revision or several.
        try sandbox.manifest.wait {
            let events = try self.events(sandbox)
            return events.last?.isGroup == true && events.filter { !$0.isGroup }.count >= 330
        }
        let events = try self.events(sandbox)
        check(events)
        #expect(events.filter { !$0.isGroup }.count == 330, "\(sandbox.log)")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("is one group too when it is given to `upload` without a daemon")
    func upload() throws {
        let sandbox = try self.sandbox("quiet: 1h")
        try drop(1...3, in: "drop", sandbox)
        try sandbox.write("inbox/single.txt", "alone")
        try sandbox.write("elsewhere/a/b.txt", "not beneath the watched folder")
        let result = try sandbox.presignd("upload", "inbox", "elsewhere")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.split(separator: "\n").count == 5)
        let events = try self.events(sandbox)
        check(events)
        #expect(events.filter(\.isGroup).map(\.members) == [3])
        #expect(events.count == 6)
    }
}
