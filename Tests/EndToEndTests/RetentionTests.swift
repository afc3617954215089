// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("Objects that are kept no longer (expire_objects_after)")
struct RetentionTests {
    /// Waits until the store has so many objects, for a time that only a hang can take.
    private func untilObjects(_ count: Int, in sandbox: Sandbox) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try CrashTests.objects(in: sandbox) != count && ContinuousClock.now < deadline {
            try sandbox.manifest.waitForChange(atMostMilliseconds: 100)
        }
        #expect(try CrashTests.objects(in: sandbox) == count, "\(sandbox.log)")
    }

    @Test(
        "are deleted so long after their links have ended, and the files stay",
        arguments: ["", "after: delete\nlast_copy: true"]
    )
    func expired(more: String) throws {
        let sandbox = try Sandbox(
            template: "expire_objects_after: 1s\n\(more)",
            link: "{ expires_in: 2s, prove: off }"
        )
        let daemon = try sandbox.start()
        for name in ["a", "b"] { try sandbox.write("inbox/\(name)", name) }
        #expect(try sandbox.manifest.lines(count: 2).count == 2, "\(sandbox.log)")
        try untilObjects(0, in: sandbox)
        let file = sandbox.folder.appending(path: "inbox/a")
        #expect(FileManager.default.fileExists(atPath: file.path) == more.isEmpty)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("else stay, and `status` counts those without a live link")
    func kept() throws {
        let sandbox = try Sandbox(link: "{ expires_in: 1s, prove: off }")
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a", "a")
        #expect(try sandbox.manifest.lines(count: 1).count == 1, "\(sandbox.log)")
        let deadline = ContinuousClock.now + .seconds(60)
        var status = ""
        while !status.contains("no live link") && ContinuousClock.now < deadline {
            status = try sandbox.presignd("status").output
        }
        #expect(status.contains("1 object has no live link"), "\(status)")
        #expect(try CrashTests.objects(in: sandbox) == 1)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("are refused to be the last copy, unless the template says that they may")
    func lastCopy() throws {
        let sandbox = try Sandbox(template: "after: delete\nexpire_objects_after: 30d")
        let check = try sandbox.presignd("check")
        #expect(check.status == 78 && check.errors.contains("deletes the last copy of a file"))
    }
}
