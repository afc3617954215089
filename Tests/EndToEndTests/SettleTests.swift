// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Testing

@Suite("A file that is written while presignd watches", .timeLimit(.minutes(5)))
struct SettleTests {
    @Test("has one link under settle: auto, to all of it, however its writer pauses (W5, C5)")
    func pauses() throws {
        let sandbox = try Sandbox(settle: "auto")
        let daemon = try sandbox.start()
        // What the first scan comes upon was not seen being closed, and waits for longer.
        try sandbox.untilLog(contains: "scanned")
        let file = sandbox.folder.appending(path: "inbox/recording.mkv")
        let parts = (1...3).map { Data(repeating: UInt8($0), count: 300_000) }
        let whole = parts.reduce(Data(), +)
        try sandbox.write("inbox/recording.mkv", "")
        // Allocated first, and open while it is asked about again and again.
        var writer = try FileHandle(forWritingTo: file)
        try writer.truncate(atOffset: UInt64(whole.count))
        try writer.seek(toOffset: 0)
        try until(sandbox, says: "open for writing", "was not seen being closed")
        try writer.write(contentsOf: parts[0])
        try writer.close()
        // Closed, but not for long enough.
        try until(sandbox, says: "settling until")
        writer = try FileHandle(forWritingTo: file)
        try writer.seek(toOffset: 300_000)
        try writer.write(contentsOf: parts[1] + parts[2])
        try writer.close()
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        #expect(line.size == whole.count)
        #expect(
            line.sha256 == SHA256.hash(data: whole).map { String(format: "%02x", $0) }.joined()
        )
        try sandbox.write("inbox/last", "last")
        let lines = try sandbox.manifest.lines(count: 2)
        #expect(lines.map(\.path) == ["recording.mkv", "last"], "no half of it was published")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test(
        "waits longer when a scan found it than when it was seen to be moved into place (W8)",
        arguments: ["auto", "0s"]
    )
    func scanned(settle: String) throws {
        let sandbox = try Sandbox(settle: settle)
        try sandbox.write("inbox/old", "old")
        try sandbox.write("inbox/young", "young")
        // Only the kernel sets a ctime: what was made a moment ago is young whatever its mtime says.
        let daemon = try sandbox.start()
        try until(sandbox, "inbox/young", says: "was not seen being closed")
        // Moved while it is watched: then it was seen to be whole.
        try FileManager.default.moveItem(
            at: sandbox.folder.appending(path: "inbox/old"),
            to: sandbox.folder.appending(path: "inbox/moved")
        )
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        #expect(line.path == "moved")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    /// Asks `presignd why` until it says so.
    private func until(
        _ sandbox: Sandbox,
        _ path: String = "inbox/recording.mkv",
        says texts: String...
    ) throws {
        let deadline = ContinuousClock.now + .seconds(20)
        var answer = ""
        while !texts.contains(where: answer.contains) {
            guard ContinuousClock.now < deadline else {
                throw SandboxError(text: "why never said \(texts) but: \(answer)")
            }
            answer = try sandbox.presignd("why", path).output
        }
    }
}
