// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("The page of a dropped folder (W15)", .timeLimit(.minutes(5)))
struct GroupPageTests {
    /// A line of any event.
    private struct Event: Decodable, Equatable {
        var seq: Int
        var event: String
        var id: String
        var rev: Int
        var path: String
        var url: String?
        var expires_at: String?
        var isGroup: Bool { event == "group.published" }
    }

    private func events(_ sandbox: Sandbox, groups: Int = 0) throws -> [Event] {
        func read() throws -> [Event] {
            let data = (try? Data(contentsOf: sandbox.manifest.file)) ?? Data()
            guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
            return try data[...end].split(separator: UInt8(ascii: "\n")).map {
                try JSONDecoder().decode(Event.self, from: $0)
            }
        }
        if groups > 0 {
            try sandbox.manifest.wait { try read().filter(\.isGroup).count >= groups }
        }
        return try read()
    }

    private let template = "group: { by: directory, ready: _READY, page: true }\n"

    private func drop(_ names: some Sequence<Int>, _ sandbox: Sandbox) throws {
        for name in names { try sandbox.write("inbox/drop/deep/\(name).txt", "file \(name)") }
    }

    /// The URLs on a page, as a browser follows them.
    private func links(on page: String) throws -> Set<String> {
        let answer = try Program.curl(page)
        #expect(answer.status == 200)
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(text.contains("<title>drop</title>"))
        let parts = text.components(separatedBy: " href=\"").dropFirst()
        return Set(
            parts.compactMap { $0.split(separator: "\"").first }
                .map { String($0).replacing("&amp;", with: "&") }
        )
    }

    /// What a reader relies on: the page has the links of the members, and ends with the first.
    private func check(_ events: [Event], members: Int) throws {
        let group = try #require(events.last { $0.isGroup })
        let own = events.filter { !$0.isGroup }
        #expect(own.count == members)
        #expect(group.expires_at == own.compactMap(\.expires_at).min())
        let url = try #require(group.url)
        #expect(url.contains("/\(group.id)/\(group.rev)/index.html?"))
        #expect(try links(on: url) == Set(own.compactMap(\.url)))
    }

    private func stop(_ daemon: ChildProcess) {
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("has the links of its files, and a later revision those of all, under an own address")
    func revisions() throws {
        let sandbox = try Sandbox(template: template)
        let daemon = try sandbox.start()
        // More than are read at a time.
        try drop(1...300, sandbox)
        try sandbox.write("inbox/drop/_READY", "")
        let first = try events(sandbox, groups: 1)
        try check(first, members: 300)
        let page = try #require(first.last?.url)
        let head = try Program.run("/usr/bin/curl", ["-sS", "-D", "-", "-o", "/dev/null", page])
        let text = head.output.lowercased()
        #expect(text.contains("content-type: text/html; charset=utf-8"), "\(text)")
        #expect(text.contains("content-disposition: inline"), "\(text)")
        try drop(301...301, sandbox)
        let second = try events(sandbox, groups: 2)
        try check(second, members: 301)
        // The link of the first still shows what it showed.
        #expect(try links(on: page).count == 300)
        let found = try Program.run(
            "/usr/bin/grep",
            ["-rlaF", "X-Amz-Signature=", sandbox.folder.path]
        ).output.split(separator: "\n").map { String($0.dropFirst(sandbox.folder.path.count)) }
        let rest = found.filter { $0 != "/links/links.jsonl" && !$0.hasPrefix("/objects/") }
        #expect(rest.isEmpty, "\(rest)")
        stop(daemon)
    }

    @Test("comes before its group is told, however long the store takes no page")
    func refused() throws {
        let store = try FaultStore()
        let sandbox = try Sandbox(
            store: store.yaml(),
            template: template,
            link: "{ expires_in: 1h, prove: off }",
            environment: FaultStore.keys
        )
        let daemon = try sandbox.start()
        try drop(1...2, sandbox)
        try sandbox.write("inbox/alone.txt", "in the root itself")
        #expect(try sandbox.manifest.lines(count: 1).count == 1)
        try sandbox.wait("jobs", contains: "uploaded; its link", times: 2)
        try store.set("revoked=1")
        try sandbox.write("inbox/drop/_READY", "")
        try sandbox.untilLog(contains: "a group cannot be published yet: ")
        #expect(sandbox.log.contains("its page: "), "\(sandbox.log)")
        let status = try sandbox.presignd("status").output
        #expect(status.contains("group drop (template inbox) waits"), "\(status)")
        #expect(try events(sandbox).count == 1)
        try store.set("revoked=0")
        let told = try events(sandbox, groups: 1)
        try check(told.filter { $0.path != "alone.txt" }, members: 2)
        stop(daemon)
    }

    @Test("is there whenever its group was told, however often presignd is killed")
    func killed() throws {
        let sandbox = try Sandbox(template: template)
        var daemon = try sandbox.start()
        try drop(1...100, sandbox)
        try sandbox.write("inbox/drop/_READY", "")
        for lines in [0, 1, 50, 100] {
            try sandbox.manifest.wait(within: 20) { try events(sandbox).count >= lines }
            daemon.signal(SIGKILL)
            daemon.wait()
            daemon = try sandbox.start()
        }
        let told = try events(sandbox, groups: 1)
        let groups = told.filter(\.isGroup)
        #expect(Set(groups.map(\.rev)).count == groups.count)
        // Each names a page, and every link on it works.
        for group in groups {
            let urls = try links(on: try #require(group.url))
            #expect(!urls.isEmpty)
            for url in urls.prefix(3) { #expect(try Program.curl(url).status == 200) }
        }
        stop(daemon)
    }

    @Test("is named again as it was by a manifest that lost its end")
    func toldAgain() throws {
        let sandbox = try Sandbox(template: template)
        var daemon = try sandbox.start()
        try drop(1...3, sandbox)
        try sandbox.write("inbox/drop/_READY", "")
        let before = try events(sandbox, groups: 1)
        stop(daemon)
        let file = sandbox.manifest.file
        let lines = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
        let rest = lines.dropLast().flatMap { Array($0) + [UInt8(ascii: "\n")] }
        try Data(rest).write(to: file)
        daemon = try sandbox.start()
        #expect(try events(sandbox, groups: 1) == before)
        stop(daemon)
    }

    @Test("is made by `upload` without a daemon too")
    func upload() throws {
        let sandbox = try Sandbox(template: template)
        try drop(1...3, sandbox)
        #expect(try sandbox.presignd("upload", "inbox").status == 0)
        let daemon = try sandbox.start()
        try check(try events(sandbox, groups: 1), members: 3)
        stop(daemon)
    }
}

extension Sandbox {
    /// Asks a command until its answer has a text so many times.
    fileprivate func wait(_ command: String, contains text: String, times: Int) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        var output = ""
        while ContinuousClock.now < deadline {
            output = try presignd(command).output
            if output.components(separatedBy: text).count > times { return }
        }
        throw SandboxError(text: "\(command) never said \"\(text)\": \(output)")
    }
}
