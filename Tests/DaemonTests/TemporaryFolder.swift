// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs
import Testing

@testable import Daemon

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/presignd-daemon-XXXXXX".utf8CString)
        let isMade = unsafe mkdtemp(&template) != nil
        try #require(isMade)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    subscript(name: String) -> String { "\(path)/\(name)" }

    /// The permission bits of something in here, or nothing when it is missing.
    func mode(_ name: String) -> mode_t? {
        var status = stat()
        return unsafe stat(self[name], &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: self[name])
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// The names in a folder in here, sorted.
    func names(_ folder: String = ".") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self[folder]).sorted()
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: self[name],
            withIntermediateDirectories: true
        )
    }

    /// Writes a file in place, making the folders above it.
    func write(_ text: String, to name: String) throws {
        let file = URL(filePath: self[name])
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }

    /// Writes a file that nobody else can read.
    func writeSecret(_ text: String, to name: String) throws {
        try write(text, to: name)
        let result = unsafe chmod(self[name], 0o600)
        try #require(result == 0)
    }

    /// Writes a file and says how it looks now, as a watcher would.
    @discardableResult
    func settled(_ name: String, _ text: String, in root: String = "inbox") throws -> SettledFile {
        try write(text, to: "\(root)/\(name)")
        return try look(at: name, in: root)
    }

    /// How a file looks now.
    func look(at name: String, in root: String = "inbox") throws -> SettledFile {
        let name = FileName(name)
        let stamp = try #require(try FolderHandle(path: self[root]).stamp(of: name.bytes))
        return SettledFile(root: self[root], name: name, stamp: stamp)
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: self[name])
    }

    func link(_ name: String, to target: String) throws {
        let result = unsafe symlink(target, self[name])
        try #require(result == 0)
    }

    func move(_ name: String, to other: String) throws {
        let result = unsafe rename(self[name], self[other])
        try #require(result == 0)
    }

    /// Makes a file with a name that need not be text; says nothing of its bytes.
    func create(_ name: [UInt8], in folder: String) throws {
        let path = Array(self[folder].utf8) + [UInt8(ascii: "/")] + name + [0]
        let file = unsafe open(path.map { CChar(bitPattern: $0) }, O_WRONLY | O_CREAT, 0o600)
        try #require(file >= 0)
        close(file)
    }
}
