// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Watch

@Suite("What is taken away from a watched folder", .timeLimit(.minutes(2)))
struct RemovalTests {
    private func watch(
        _ ground: Playground,
        telling: Bool = true,
        _ change: (inout WatchedFolder) -> Void = { _ in }
    ) async throws -> Watching {
        let watching = try Watching()
        var folder = WatchedFolder(
            template: "inbox",
            root: ground.path,
            settle: .milliseconds(50)
        )
        folder.tellsRemovals = telling
        change(&folder)
        watching.watcher.watch(folder)
        try await watching.wait { $0.isScan }
        return watching
    }

    /// All names told of until one of them is this.
    private func removed(_ watching: Watching, until last: String) async throws -> Set<String> {
        var names: Set<String> = []
        while !names.contains(last) {
            let report = try await watching.wait { if case .removed = $0 { true } else { false } }
            guard case .removed("inbox", let more) = report else { continue }
            names.formUnion(more.map { "\($0)" })
        }
        return names
    }

    @Test("is told: files that are deleted or moved away, and folders with all in them")
    func told() async throws {
        let ground = try Playground()
        for name in ["a", "b", "c", "d"] { try ground.write(to: name) }
        try ground.makeFolder("sub")
        try ground.write(to: "sub/e")
        let elsewhere = try Playground()
        let watching = try await watch(ground)
        ground.remove("a")
        try ground.move("b", to: "renamed")
        try ground.move("sub", to: "other")
        try ground.move("d", to: "../\(elsewhere.path.split(separator: "/").last ?? "")/d")
        #expect(try await removed(watching, until: "d") == ["a", "b", "sub", "d"])
    }

    @Test("is not told where nobody asks, and what is left out is nobody's loss")
    func silent() async throws {
        let ground = try Playground()
        for name in ["a", ".hidden", "b.tmp"] { try ground.write(to: name) }
        let watching = try await watch(ground)
        for name in [".hidden", "b.tmp", "a"] { ground.remove(name) }
        #expect(try await removed(watching, until: "a") == ["a"])
        let quiet = try Playground()
        try quiet.write(to: "a")
        let other = try await watch(quiet, telling: false)
        quiet.remove("a")
        try quiet.write(to: "z")
        try await other.settled(until: "z")
    }

    @Test("is told by folder where it is polled")
    func polled() async throws {
        let ground = try Playground()
        try ground.makeFolder("sub")
        for name in ["sub/a", "sub/b"] { try ground.write(to: name) }
        let watching = try await watch(ground) {
            $0.watching.mode = .poll
            $0.watching.pollInterval = .milliseconds(20)
        }
        ground.remove("sub/a")
        #expect(try await removed(watching, until: "sub").contains("sub"))
    }
}
