// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("A template that changes while presignd runs")
struct TemplateWatchTests {
    private let sandbox: Sandbox
    private let daemon: ChildProcess

    init() throws {
        sandbox = try Sandbox()
        daemon = try sandbox.start()
        try makeFolder("second")
    }

    private func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            at: sandbox.folder.appending(path: name),
            withIntermediateDirectories: true
        )
    }

    private func template(_ folder: String, _ more: String = "") -> String {
        "watch: ./\(folder)\nstore: local\nsettle: 100ms\npublish: [links]\n\(more)\n"
    }

    private func stop() {
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("is in force by itself, the way an editor saves it")
    func edit() throws {
        try sandbox.write("jobs/.inbox.yaml.new", template("second"))
        let place = sandbox.folder.appending(path: "jobs").path
        #expect(unsafe rename("\(place)/.inbox.yaml.new", "\(place)/inbox.yaml") == 0)
        try sandbox.untilLog(contains: "templates read anew changed=\"template inbox\"")
        try sandbox.write("second/a.txt", "new folder")
        #expect(try sandbox.manifest.lines(count: 1).first?.path == "a.txt", "\(sandbox.log)")
        #expect(try sandbox.presignd("status").output.contains("All is well."))
        stop()
    }

    @Test("is watched when it is new, also before its folder is there, and no more when it is gone")
    func addAndRemove() throws {
        try sandbox.write("jobs/later.yaml", template("later"))
        try sandbox.untilLog(contains: "templates read anew changed=\"template later\"")
        try sandbox.untilLog(contains: "jobs/later.yaml:1: watch: the folder ")
        try makeFolder("later")
        try sandbox.write("later/a.txt", "content")
        #expect(try sandbox.manifest.lines(count: 1).first?.template == "later")
        let file = sandbox.folder.appending(path: "jobs/inbox.yaml")
        try FileManager.default.removeItem(at: file)
        try sandbox.untilLog(contains: "templates read anew changed=\"template inbox\"")
        try sandbox.write("inbox/b.txt", "nobody looks")
        let why = try sandbox.presignd("why", "inbox/b.txt").output
        #expect(why.contains("no template watches"), "\(why)")
        try sandbox.write("later/c.txt", "content")
        #expect(try sandbox.manifest.lines(count: 2).map(\.path) == ["a.txt", "c.txt"])
        stop()
    }

    @Test("is refused when it is wrong, stays as it was, and keeps no other from its change")
    func wrong() throws {
        let good = try String(
            contentsOf: sandbox.folder.appending(path: "jobs/inbox.yaml"),
            encoding: .utf8
        )
        // As an editor without a temporary file leaves it for a moment.
        try sandbox.write("jobs/inbox.yaml", "")
        try sandbox.write("jobs/second.yaml", template("second"))
        try sandbox.untilLog(contains: "the template inbox stays as it was")
        try sandbox.write("inbox/a.txt", "as before")
        try sandbox.write("second/b.txt", "new")
        let paths = try sandbox.manifest.lines(count: 2).map(\.path)
        #expect(Set(paths) == ["a.txt", "b.txt"], "\(sandbox.log)")
        let status = try sandbox.presignd("status").output
        #expect(status.contains("jobs/inbox.yaml:1: watch: is missing"), "\(status)")
        try sandbox.write("jobs/inbox.yaml", good + "after: delete\n")
        try sandbox.untilLog(contains: "templates read anew changed=\"template inbox\"")
        #expect(try sandbox.presignd("status").output.contains("All is well."))
        stop()
    }

    @Test("is refused when its folder overlaps another's and not both keep their files")
    func overlap() throws {
        try sandbox.write("jobs/second.yaml", template("inbox/deep", "after: delete"))
        // Not the first line about it: the file may be seen while it is being written.
        try sandbox.untilLog(contains: "overlaps the folder of the template \"inbox\"")
        try sandbox.write("jobs/second.yaml", template("inbox/deep"))
        try sandbox.untilLog(contains: "templates read anew changed=\"template second\"")
        try sandbox.write("inbox/deep/a.txt", "for both")
        let lines = try sandbox.manifest.lines(count: 2)
        #expect(Set(lines.map(\.template)) == ["inbox", "second"])
        stop()
    }

    @Test("says that it needs what config.yaml has only on disk")
    func needsConfiguration() throws {
        let config = sandbox.folder.appending(path: "config.yaml")
        let text = try String(contentsOf: config, encoding: .utf8)
        try sandbox.write("config.yaml", text + "\n  more: { kind: manifest, path: ./links/m }\n")
        try sandbox.write(
            "jobs/second.yaml",
            template("second").replacing("[links]", with: "[more]")
        )
        try sandbox.untilLog(contains: "these changes need a restart of presignd: sinks.more")
        stop()
    }
}
