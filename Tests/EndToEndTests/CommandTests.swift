// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("Commands beside a daemon")
struct CommandTests {
    @Test("end well, every time")
    func end() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        for _ in 0..<150 {
            #expect(try sandbox.presignd("links", "--limit", "1").status == 0)
        }
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("fail when their output gets nowhere")
    func full() throws {
        let sandbox = try Sandbox()
        try sandbox.write("inbox/a.txt", "a")
        let words = ["-c", "\(Program.presignd) upload inbox/a.txt >/dev/full"]
        let result = try Program.run(
            "/bin/sh",
            words,
            environment: sandbox.environment,
            folder: sandbox.folder
        )
        #expect(result.status == 1)
        #expect(result.errors.contains("standard output could not be written: No space left"))
    }

    @Test("take no empty path for the folder they are in")
    func empty() throws {
        let sandbox = try Sandbox()
        let result = try sandbox.presignd("upload", "")
        #expect(result.status == 64 && result.errors.contains("an empty path"))
    }
}
