// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import Watch

/// An empty file system in memory that is mounted over a folder.
struct Mount {
    private let path: String

    /// Whether this process may mount, which few but root's may.
    static let isAllowed: Bool = {
        guard let ground = try? Playground(), let mount = try? Mount(at: ground.path) else {
            return false
        }
        mount.end()
        return true
    }()

    init(at path: String) throws {
        self.path = path
        guard Self.run("mount", "-t", "tmpfs", "presignd-test", path) else {
            throw SystemError(code: EPERM)
        }
    }

    /// Unmounts it, even while it is in use.
    func end() { _ = Self.run("umount", "-l", path) }

    private static func run(_ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = nil
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
