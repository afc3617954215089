// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// A mount namespace (`Tests/Stores/space.py`): what is mounted and started in it ends with the test.
final class MountSpace: Sendable {
    private let pid: pid_t

    /// Whether this process may mount, which few but root's may.
    static let isAllowed: Bool = {
        guard geteuid() == 0, let space = try? MountSpace() else { return false }
        return (try? space.run("mount", "-t", "tmpfs", "presignd-test", "/tmp")) != nil
    }()

    /// Root with the right to mount, who has no reason to go without these tests.
    static let isExpected: Bool = {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") } ?? ""
        let capabilities = UInt64(line.dropFirst(7).trimmingPrefix { $0.isWhitespace }, radix: 16)
        // CAP_SYS_ADMIN (capabilities(7)) is bit 21.
        return geteuid() == 0 && (capabilities ?? 0) >> 21 & 1 == 1 && RealStore.areRequired
    }()

    init() throws {
        let words = ["-m", "--propagation", "private", "python3", Self.script, "stay"]
        let result = try Program.run("/usr/bin/unshare", words)
        let answer = result.output.split(whereSeparator: \.isWhitespace)
        pid = try #require(answer.last.flatMap { pid_t($0) }, "\(result.errors)")
    }

    deinit { kill(pid, SIGKILL) }

    /// Words before a command that is to run in the space, at its root.
    var enter: [String] { ["/usr/bin/nsenter", "-t", "\(pid)", "-m"] }

    /// A path of the space as this process sees it.
    func seen(_ path: String) -> URL { URL(filePath: "/proc/\(pid)/root\(path)") }

    /// Runs a command in the space, which must do its work.
    func run(_ words: String...) throws {
        let result = try Program.run(enter[0], Array(enter.dropFirst()) + words)
        guard result.status == 0 else { throw SandboxError(text: "\(words): \(result.errors)") }
    }

    /// Takes the power from a file system.
    func cut(_ folder: String) throws { try run("python3", Self.script, "cut", folder) }

    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Stores/space.py").path
}
