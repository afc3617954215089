// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("Names that are swapped for ways out of the folder", .serialized, .timeLimit(.minutes(10)))
struct SwapRaceTests {
    /// For how long: `PRESIGND_RACE_SECONDS`, else 60 for `make chaos`, else 3.
    private static let seconds: String = {
        let variables = ProcessInfo.processInfo.environment
        return variables["PRESIGND_RACE_SECONDS"]
            ?? (variables["PRESIGND_CHAOS"] == "full" ? "60" : "3")
    }()
    private static let secret = "SECRET-FROM-OUTSIDE"

    /// What stands in for a file of the folder, from one moment to the next.
    enum WayOut: String, CaseIterable, Sendable {
        /// A symbolic link to a file elsewhere.
        case link
        /// A folder that is a symbolic link to one elsewhere.
        case folder
        /// A second name of a file elsewhere.
        case hardLink

        /// The name of the file beneath the root.
        func path(_ number: Int) -> String { self == .folder ? "n\(number)/x" : "n\(number)" }
    }

    @Test(
        "have no byte sent from there, however fast they are, and keep nothing from going on",
        arguments: WayOut.allCases,
        ["settle", "rename"]
    )
    func race(way: WayOut, ready: String) throws {
        let sandbox = try Sandbox(template: "ready: \(ready)", link: "{ expires_in: 6h }")
        let count = Self.seconds == "60" ? 2_000 : 300
        for number in 0..<count {
            try sandbox.write("inbox/\(way.path(number))", "the file inside, \(number)")
            // Of the same size, so that nothing else gives it away.
            let secret = Self.secret.padding(
                toLength: "the file inside, \(number)".count,
                withPad: "!",
                startingAt: 0
            )
            try sandbox.write("outside/\(way.path(number))", secret)
            let link = sandbox.folder.appending(path: "swap/n\(number)")
            try FileManager.default.createDirectory(
                at: link.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            let outside = sandbox.folder.appending(path: "outside/n\(number)")
            if way == .hardLink {
                try FileManager.default.linkItem(at: outside, to: link)
            } else {
                try FileManager.default.createSymbolicLink(at: link, withDestinationURL: outside)
            }
        }
        let daemon = try sandbox.start()
        let folders = ["inbox", "swap"].map { sandbox.folder.appending(path: $0).path }
        let words = ["python3", Races.script("swapper"), Self.seconds] + folders
        let swapper = try Program.run("/usr/bin/env", words)
        try #require(swapper.status == 0, "\(swapper.errors)")

        // Alive, and at work: what comes now is sent.
        try sandbox.write("last", "the last file")
        try FileManager.default.moveItem(
            at: sandbox.folder.appending(path: "last"),
            to: sandbox.folder.appending(path: "inbox/last")
        )
        let lines = try sandbox.manifest.lines { $0.contains { $0.path == "last" } }
        try #require(lines.contains { $0.path == "last" }, "\(sandbox.log)")
        // One that was a way out when its turn came says so, until a person has it tried again.
        let wanted = Set((0..<count).map { way.path($0) } + ["last"])
        let areAllSent = try sandbox.waits(seconds: 120) {
            let missing = wanted.subtracting(try sandbox.manifest.lines().map(\.path))
            if !missing.isEmpty { _ = try sandbox.presignd("retry") }
            return missing.isEmpty
        }
        let jobs = try sandbox.presignd("jobs").output
        #expect(areAllSent, "\(jobs)")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)

        let objects = try sandbox.objects()
        #expect(objects.count >= wanted.count)
        let stolen = objects.filter { $0.range(of: Data(Self.secret.utf8)) != nil }
        #expect(stolen.isEmpty, "0 bytes from outside")
        print("swaps: \(swapper.output.dropLast()), \(way), ready: \(ready)")
    }
}
