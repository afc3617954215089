// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// A store for parts (`Tests/Stores/parts.py`), running; it says nothing to the parts that are held.
final class PartsServer: Sendable {
    let port: Int
    private let pid: pid_t
    private let folder: URL

    init(firstHeld: Int) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["hold", "log"] { try Data().write(to: folder.appending(path: name)) }
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Stores/parts.py")
        let (hold, log) = (folder.appending(path: "hold").path, folder.appending(path: "log").path)
        let result = try Program.run(
            "/usr/bin/env",
            ["python3", script.path, hold, String(firstHeld), log]
        )
        let words = result.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        try #require(words.count == 2, "\(result.errors)")
        port = words[0]
        pid = pid_t(words[1])
    }

    deinit {
        kill(pid, SIGTERM)
        try? FileManager.default.removeItem(at: folder)
    }

    /// Answers the parts that are held, and all to come.
    func release() { try? FileManager.default.removeItem(at: folder.appending(path: "hold")) }

    /// `METHOD kind number` of each request.
    func log() throws -> [String] {
        try String(contentsOf: folder.appending(path: "log"), encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }

    /// Waits until a request has come.
    func untilLog(contains text: String, within seconds: Int = 120) throws {
        let notifier = inotify_init1(Int32(IN_CLOEXEC))
        defer { close(notifier) }
        let file = folder.appending(path: "log")
        unsafe inotify_add_watch(notifier, file.path, UInt32(IN_MODIFY))
        let deadline = ContinuousClock.now + .seconds(seconds)
        while try !String(contentsOf: file, encoding: .utf8).contains(text) {
            let seen = try log()
            try #require(ContinuousClock.now < deadline, "\(text) never came: \(seen)")
            var poller = pollfd(fd: notifier, events: Int16(POLLIN), revents: 0)
            var buffer = [UInt8](repeating: 0, count: 65_536)
            if unsafe poll(&poller, 1, 1_000) > 0 { _ = unsafe read(notifier, &buffer, 65_536) }
        }
    }
}
