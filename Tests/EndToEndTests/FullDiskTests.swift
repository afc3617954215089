// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("A full disk (Q8)", .timeLimit(.minutes(5)))
struct FullDiskTests {
    @Test("is tried where file systems can be mounted, or the run says that it is not")
    func present() {
        #expect(MountSpace.isAllowed || !MountSpace.isExpected, "root cannot mount a tmpfs here")
        if !MountSpace.isAllowed { print("skipped: a full disk, which needs root") }
    }

    @Test(
        "is said once, shows as degraded, loses no file, and is over by itself",
        .enabled(if: MountSpace.isAllowed)
    )
    func full() throws {
        let space = try MountSpace()
        let place = "/tmp/presignd-full-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        try space.run("mount", "-t", "tmpfs", "-o", "size=48m", "presignd-test", place)
        let sandbox = try Sandbox(in: space, at: place)
        let daemon = try sandbox.start()
        let inbox = "\(place)/inbox"
        try space.run("sh", "-c", "echo first >\(inbox)/first")
        #expect(try sandbox.manifest.lines(count: 1).map(\.path) == ["first"])

        // They are there before, since a full disk takes no new file.
        try space.run(
            "sh",
            "-c",
            "mkdir \(place)/later; for i in $(seq 40); do echo $i >\(place)/later/$i; done"
        )
        try space.run("sh", "-c", "dd if=/dev/zero of=\(place)/filler bs=4k 2>/dev/null; true")
        try space.run("sh", "-c", "mv \(place)/later/* \(inbox)/")
        try sandbox.untilOutput(of: ["status"], contains: "degraded: no space left")
        try sandbox.untilLog(contains: "no space left on the disk of")

        try space.run("rm", "\(place)/filler")
        let paths = Set(try sandbox.manifest.lines(count: 41).map(\.path))
        #expect(paths == Set(["first"] + (1...40).map { "\($0)" }))
        try sandbox.untilLog(contains: "there is room on the disk of")
        let lines = sandbox.log.split(separator: "\n")
        let outages = lines.count { $0.contains("no space left on the disk of") }
        #expect(outages == 1, "one line an outage: \(sandbox.log)")
        #expect(lines.count { $0.contains("there is room on the disk of") } == 1)
        #expect(!lines.contains { $0.contains("cannot be queued") })
        #expect(try !sandbox.presignd("status").output.contains("degraded"))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }
}
