// SPDX-License-Identifier: Apache-2.0

import Jobs
import Settings
import Testing

@Suite("How a template's folder is watched")
struct WatchTests {
    private func read(_ yaml: String) throws -> Template? {
        let folder = try ConfigFolder(
            ConfigFolder.config,
            ["inbox.yaml": ConfigFolder.template + yaml]
        )
        return try folder.load().configuration.templates.first
    }

    @Test("is as documented when nothing is said (W2, W5, W10)")
    func defaults() throws {
        let template = try read("")
        #expect(template?.settle == nil)
        #expect(
            template?.watching
                == WatchSettings(
                    mode: .auto,
                    pollInterval: .seconds(30),
                    rescanInterval: .seconds(3_600),
                    marker: nil
                )
        )
        let auto = try read("settle: auto\n")
        #expect(auto != nil && auto?.settle == nil)
        // Not to wait at all is a time like others.
        #expect(try read("settle: 0s\n")?.settle == .zero)
    }

    @Test("is read as it is written")
    func written() throws {
        let template = try read(
            """
            settle: 5s
            watch_mode: poll
            poll_interval: 10s
            rescan_interval: 6h
            require_marker: .mounted
            """
        )
        #expect(template?.settle == .seconds(5))
        #expect(
            template?.watching
                == WatchSettings(
                    mode: .poll,
                    pollInterval: .seconds(10),
                    rescanInterval: .seconds(21_600),
                    marker: ".mounted"
                )
        )
    }

    @Test(
        "is refused when it makes no sense",
        arguments: [
            ("watch_mode: fanotify", "write one of: auto, inotify, poll"),
            ("poll_interval: 0s", "\"0s\" is out of range"),
            ("rescan_interval: 5s", "write 60s to 30d"),
            ("require_marker: a/b", "is not the name of a file in the watched folder"),
            ("require_marker: ..", "is not the name of a file in the watched folder"),
            ("settle: automatic", "is not a length of time"),
        ]
    )
    func refused(line: String, wanted: String) throws {
        let problems = try problems(template: ConfigFolder.template + line + "\n")
        #expect(problems.count == 1 && problems[0].contains(wanted), "\(problems)")
    }
}
