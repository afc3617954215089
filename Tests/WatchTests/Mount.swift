// SPDX-License-Identifier: Apache-2.0

import Glibc

@testable import Watch

/// An empty file system in memory that is mounted over a folder.
///
/// By mount(2) and not by a command: a process started here would hold the locks of other tests for
/// a moment. Swift's Glibc module leaves the calls out, so they are looked up.
struct Mount {
    private typealias MountCall =
        @convention(c) (
            UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafePointer<CChar>, UInt, OpaquePointer?
        ) -> Int32
    private typealias UnmountCall = @convention(c) (UnsafePointer<CChar>, Int32) -> Int32

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
        guard let symbol = unsafe dlsym(nil, "mount") else { throw SystemError(code: ENOSYS) }
        let call = unsafe unsafeBitCast(symbol, to: MountCall.self)
        guard unsafe call("presignd-test", path, "tmpfs", 0, nil) == 0 else {
            throw SystemError(code: errno)
        }
    }

    /// Unmounts it, even while it is in use (MNT_DETACH).
    func end() {
        guard let symbol = unsafe dlsym(nil, "umount2") else { return }
        _ = unsafe unsafeBitCast(symbol, to: UnmountCall.self)(path, 2)
    }
}
