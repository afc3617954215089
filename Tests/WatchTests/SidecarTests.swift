// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Testing

@testable import Watch

@Suite("A file with a sidecar (W6)", .timeLimit(.minutes(3)))
struct SidecarTests {
    private let ground: Playground
    private let watching: Watching

    init() throws {
        ground = try Playground()
        watching = try Watching()
    }

    private func watch(_ sidecar: SidecarName = .usual) async throws {
        // So long a wait would show.
        watching.watch(ground.path, ready: .sidecar(sidecar), settle: .seconds(3_600))
        try await watching.wait { $0.isScan }
    }

    private func status(_ name: String) async -> WatchStatus {
        await watching.watcher.status(of: FileName(name), template: "inbox")
    }

    /// The names of the files reported, once so many different ones were.
    ///
    /// Making a sidecar and closing it are two events, so a file may be told twice, with one stamp.
    private func names(_ count: Int) async throws -> [String] {
        try await watching.settled(distinct: count).map { "\($0.name)" }.sorted()
    }

    private func needsSidecar(_ name: String) async -> Bool {
        if case .needsSidecar("\(name).done", _) = await status(name) { true } else { false }
    }

    @Test("is taken once that is there, in whichever order they come, and the sidecar never is")
    func byEvents() async throws {
        try await watch()
        try ground.write(to: "a.pdf")
        #expect(await needsSidecar("a.pdf"))
        try ground.write("", to: "a.pdf.done")
        #expect(try await names(1) == ["a.pdf"])
        // Moved into place with the time it was written at, as a copy that keeps times would be.
        try ground.write(to: "b.part")
        try ground.write("", to: "b.pdf.done")
        try ground.move("b.part", to: "b.pdf")
        #expect(try await names(2) == ["a.pdf", "b.pdf"])
        #expect(await status("a.pdf.done") == .ignored(.sidecar(of: "a.pdf")))
        try ground.makeFolder("deep")
        try ground.write(to: "deep/c")
        try ground.write("", to: "deep/c.done")
        try await watching.settled(until: "deep/c")
        #expect(!watching.settled.names.contains { $0.hasSuffix(".done") })
    }

    @Test("is found with it by a scan, and without it left alone")
    func byScan() async throws {
        try ground.write(to: "a")
        try ground.write("", to: "a.done")
        try ground.write(to: "b")
        try ground.write("", to: "orphan.done")
        try ground.write("", to: "c.done")
        try ground.makeFolder("d")
        try ground.makeFolder("d.done")
        try await watch()
        #expect(try await names(1) == ["a"])
        #expect(await needsSidecar("b"))
        try ground.write("", to: "b.done")
        #expect(try await names(2) == ["a", "b"])
    }

    @Test("needs a newer one once it has changed")
    func changed() async throws {
        try await watch()
        try ground.write(to: "a")
        try ground.write("", to: "a.done")
        _ = try await names(1)
        // The clock of a file system ticks every few milliseconds.
        while try ground.stamp(of: "a").modified <= ground.stamp(of: "a.done").modified {
            try ground.write("more", to: "a")
        }
        let known = try ground.stamp(of: "a")
        try await watching.wait(for: "a") { $0 == .needsSidecar("a.done", known) }
        watching.forget()
        while try ground.stamp(of: "a.done").modified < known.modified {
            try ground.write("x", to: "a.done")
        }
        while !watching.settled.contains(where: { $0.file.stamp == known }) {
            try await watching.gather()
        }
    }

    @Test("may be named otherwise, also hidden, and a link is none")
    func otherwise() async throws {
        try await watch(try SidecarName(".{name}.ok"))
        try ground.write(to: "a")
        try ground.link(".a.ok", to: "a")
        try ground.write(to: "b.done")
        try ground.write("", to: ".b.done.ok")
        #expect(try await names(1) == ["b.done"])
        ground.remove(".a.ok")
        try ground.write("", to: ".a.ok")
        #expect(try await names(2) == ["a", "b.done"])
    }

    @Test("is not taken while a program still has it open for writing")
    func writer() async throws {
        try await watch()
        let file = try ground.open(FileName("a"))
        try ground.append("x", to: file)
        try ground.write("", to: "a.done")
        try await watching.wait(for: "a") {
            if case .settling(_, .writer) = $0 { true } else { false }
        }
        try ground.append("", to: file)
        _ = close(file)
        #expect(try await names(1) == ["a"])
    }
}
