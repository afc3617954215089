// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Watch

@Suite("Changes of a folder", .timeLimit(.minutes(3)))
struct FolderChangesTests {
    private let ground: Playground
    private let folder: FolderChanges

    init() async throws {
        ground = try Playground()
        try ground.makeFolder("jobs")
        try ground.write("first", to: "jobs/a.yaml")
        folder = try FolderChanges(
            of: "\(ground.path)/jobs",
            ending: [".yaml"],
            quiet: .milliseconds(50)
        )
        await change()
    }

    /// Waits until a change is told; the limit of the suite is the failure.
    private func change() async { for await _ in folder.changes { return } }

    @Test("are told of a file that is edited, made, moved into place, or removed")
    func files() async throws {
        try ground.write("second", to: "jobs/a.yaml")
        await change()
        try ground.write("new", to: "jobs/b.yaml")
        await change()
        try ground.write("as an editor does", to: "jobs/.a.yaml.swp")
        try ground.move("jobs/.a.yaml.swp", to: "jobs/a.yaml")
        await change()
        ground.remove("jobs/b.yaml")
        await change()
    }

    @Test("are told when the folder is replaced, and again of what is in the new one")
    func replaced() async throws {
        try ground.makeFolder("other")
        try ground.write("other", to: "other/a.yaml")
        try ground.move("jobs", to: "old")
        try ground.move("other", to: "jobs")
        await change()
        try ground.write("second", to: "jobs/a.yaml")
        await change()
    }

    @Test("are told when the folder goes, is made later, or is a link that is turned")
    func later() async throws {
        try ground.move("jobs", to: "one")
        await change()
        try ground.makeFolder("jobs")
        await change()
        try ground.write("in it", to: "jobs/b.yaml")
        await change()
        try ground.move("jobs", to: "two")
        try ground.link("jobs", to: "one")
        await change()
        try ground.link("new", to: "two")
        try ground.move("new", to: "jobs")
        await change()
    }

    @Test("are told of a file behind a link")
    func link() async throws {
        try ground.write("far", to: "far.yaml")
        try ground.link("jobs/far.yaml", to: "../far.yaml")
        await change()
        try ground.write("further", to: "far.yaml")
        await change()
    }

    @Test("are told of another folder once that is followed, and end with the follower")
    func follow() async throws {
        try ground.makeFolder("more")
        folder.follow("\(ground.path)/more")
        await change()
        try ground.write("in it", to: "more/b.yaml")
        await change()
        folder.stop()
        await change()
    }
}
