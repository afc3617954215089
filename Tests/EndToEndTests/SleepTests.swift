// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("A machine that sleeps", .serialized, .timeLimit(.minutes(10)))
struct SleepTests {
    private static let faketime = ProcessInfo.processInfo.environment["TOOLS_FAKETIME"] ?? ""

    @Test(
        "for nine hours in the middle of its uploads: no job is dead, one request at most is refused, every file has its link (Q-suspend)",
        .enabled(if: !faketime.isEmpty)
    )
    func sleeps() throws {
        let store = try FaultStore()
        // Each clock by its file, so that the time that passes is passed for every thread at once.
        let sandbox = try Sandbox(
            store: store.yaml(", multipart_threshold: 1MiB, part_size: 5MiB"),
            environment: FaultStore.keys
        ) { folder in
            [
                "LD_PRELOAD": Self.faketime, "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                // The files' own times stay, or each would be another one after the jump.
                "NO_FAKE_STAT": "1",
                "FAKETIME_TIMESTAMP_FILE": folder.appending(path: "clock").path,
            ]
        }
        try sandbox.write("clock", "+0")
        let daemon = try sandbox.start()
        let files = 200
        for number in 0..<(files / 2) { try sandbox.write("inbox/early\(number)", "\(number)") }
        _ = try sandbox.manifest.lines(count: files / 4)
        try store.set("hold=1")
        // One goes in parts.
        try sandbox.write("inbox/late0", Data(repeating: 7, count: 12 << 20))
        for number in 1..<(files / 2) { try sandbox.write("inbox/late\(number)", "\(number)") }
        try store.untilHeld()

        daemon.signal(SIGSTOP)
        try sandbox.write("clock", "+9h")
        // Nobody answers a sleeper; its connections are gone when it wakes, and the hour is another.
        try store.cut()
        try store.set("hold=0&clock=32400")
        let before = try store.facts()
        daemon.signal(SIGCONT)

        let lines = try sandbox.manifest.lines(count: files)
        #expect(Set(lines.map(\.path)).count == files && lines.count == files, "\(sandbox.log)")
        let after = try store.facts()
        // What was under way is sent again, and hears that it is there (412) if it had arrived; an
        // upload in parts that was begun twice is aborted until it is gone (404).
        let refused = [before, after].map { facts in
            facts.statuses.filter { !$0.key.hasPrefix("20") && !["412", "404"].contains($0.key) }
                .values.reduce(0, +)
        }
        #expect(refused[1] - refused[0] <= 1, "\(after.statuses)")
        #expect(after.objects.count == files, "\(sandbox.log)")
        #expect(after.objects.values.contains { $0.first == .size(12 << 20) })
        try store.untilQuiet()
        #expect(try sandbox.presignd("jobs", "--state", "dead").output.contains("no such job"))
        // One line says it; no file has one of its own.
        #expect(sandbox.log.split(separator: "\n").count { $0.contains("sent anew") } == 1)
        #expect(!sandbox.log.contains(" warning ") && !sandbox.log.contains(" error "))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }
}

extension FaultStore {
    /// Loses every connection.
    func cut() throws { _ = try Program.curl("http://127.0.0.1:\(port)/__cut") }
}
