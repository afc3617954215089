// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Glibc
import Testing

@Suite("Files that are written to while they are removed", .serialized, .timeLimit(.minutes(20)))
struct RemovalRaceTests {
    private static let isFull = ProcessInfo.processInfo.environment["PRESIGND_CHAOS"] == "full"
    /// How many: `PRESIGND_RACE_FILES`, else 10,000 for `make chaos`, else 300.
    private static let files =
        ProcessInfo.processInfo.environment["PRESIGND_RACE_FILES"].flatMap { Int($0) }
        ?? (isFull ? 10_000 : 300)

    @Test(
        "lose no content that was there last: it is in the folder, in the archive or behind a link (C5, C6)"
    )
    func race() throws {
        let sandbox = try Sandbox(template: "after: delete", link: "{ expires_in: 6h }")
        try FileManager.default.createDirectory(
            at: sandbox.folder.appending(path: "sent"),
            withIntermediateDirectories: true
        )
        try sandbox.write(
            "jobs/sent.yaml",
            """
            watch: ./sent
            store: local
            settle: 100ms
            after: { archive: ./archive }
            link: { expires_in: 6h }
            publish: [links]
            """
        )
        let daemon = try sandbox.start()
        let folders = ["inbox", "sent"].map { sandbox.folder.appending(path: $0) }
        let words = ["python3", Races.script("writers"), Self.isFull ? "60" : "4", "\(Self.files)"]
        let writers = try Program.run("/usr/bin/env", words + folders.map(\.path))
        try #require(writers.status == 0, "\(writers.errors)")
        let kept = Set(writers.output.split(separator: "\n").map(String.init))
        try #require(kept.count >= Self.files)

        // All that is left settles, is sent and goes.
        let isEmpty = try sandbox.waits(seconds: 300) {
            folders.allSatisfy { Self.files(in: $0).isEmpty }
        }
        let jobs = try sandbox.presignd("jobs").output
        #expect(isEmpty, "\(jobs)")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)

        var found = try Set(sandbox.manifest.lines().map { try sandbox.digestOfObject($0) })
        for file in Self.files(in: sandbox.folder.appending(path: "archive")) {
            found.insert(SHA256.hash(data: try Data(contentsOf: file)).hexText)
        }
        #expect(kept.subtracting(found).isEmpty, "0 contents lost")
        print("removal: \(kept.count) contents, \(writers.errors)")
    }

    /// The files in a folder, those in the hold too, but no half ones of the writers.
    private static func files(in folder: URL) -> [URL] {
        let found = FileManager.default.enumerator(
            at: folder,
            includingPropertiesForKeys: [.isRegularFileKey]
        )
        // One that goes just now is none.
        return (found?.compactMap { $0 as? URL } ?? []).filter {
            (try? $0.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true
        }
    }
}
