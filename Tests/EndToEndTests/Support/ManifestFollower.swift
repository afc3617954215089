// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// One line of a manifest, as a consumer reads it.
struct Line: Decodable, Sendable {
    var seq: Int
    var event: String
    var id: String
    var rev: Int
    var template: String
    var path: String
    var path_b64: String?
    var size: Int
    var sha256: String
    var key: String
    var url: String
    var integrity: String
    var expires_at: String
    var issued_at: String
    var limited_by: String
    var proven_at: String?
}

/// Reads a manifest and waits, by inotify, for lines that are not there yet.
struct ManifestFollower: Sendable {
    let file: URL

    private struct Event: Decodable {
        var event: String
        /// Whether the line has a URL.
        var hasURL: Bool { ["link.created", "link.renewed", "link.expiring"].contains(event) }
    }

    /// The whole lines with a URL; a line that is no JSON fails the test.
    func lines() throws -> [Line] {
        guard let data = try? Data(contentsOf: file) else { return [] }
        guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        return try data[...end].split(separator: UInt8(ascii: "\n")).compactMap {
            guard try JSONDecoder().decode(Event.self, from: $0).hasURL else { return nil }
            return try JSONDecoder().decode(Line.self, from: $0)
        }
    }

    /// Waits until the lines are as wanted, for a time that only a hang can take.
    func lines(
        within seconds: Int = 120,
        until isEnough: ([Line]) -> Bool
    ) throws -> [Line] {
        try wait(within: seconds) { isEnough(try lines()) }
        return try lines()
    }

    /// Waits until the file is as wanted, for a time that only a hang can take.
    func wait(within seconds: Int = 120, until isEnough: () throws -> Bool) throws {
        let folder = file.deletingLastPathComponent()
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let notifier = inotify_init1(Int32(IN_CLOEXEC))
        defer { close(notifier) }
        unsafe inotify_add_watch(notifier, folder.path, UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO))
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            if try isEnough() || ContinuousClock.now > deadline { return }
            var poller = pollfd(fd: notifier, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&poller, 1, 1_000)
            var buffer = [UInt8](repeating: 0, count: 65_536)
            if poller.revents != 0 { _ = unsafe read(notifier, &buffer, buffer.count) }
        }
    }

    /// Waits until the text of the file is as wanted, for a time that only a hang can take.
    func isThere(within seconds: Int = 120, _ isEnough: (String) -> Bool) throws -> Bool {
        let notifier = inotify_init1(Int32(IN_CLOEXEC))
        defer { close(notifier) }
        let folder = file.deletingLastPathComponent().path
        unsafe inotify_add_watch(notifier, folder, UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO))
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            if isEnough(text) { return true }
            if ContinuousClock.now > deadline { return false }
            var poller = pollfd(fd: notifier, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&poller, 1, 1_000)
            var buffer = [UInt8](repeating: 0, count: 65_536)
            if poller.revents != 0 { _ = unsafe read(notifier, &buffer, buffer.count) }
        }
    }

    func lines(count: Int, within seconds: Int = 120) throws -> [Line] {
        // Only counted while it grows: each line is read once.
        try wait(within: seconds) {
            let data = (try? Data(contentsOf: file)) ?? Data()
            return data.count { $0 == UInt8(ascii: "\n") } >= count
        }
        return try lines()
    }
}
