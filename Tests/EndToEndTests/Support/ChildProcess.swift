// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A real process of a test, with its output in files; killed when the test is done with it.
final class ChildProcess: @unchecked Sendable {
    let pid: pid_t
    private let lock = NSLock()
    private var status: Int32?

    /// Starts a program; `output` and `errors` are files that are appended to.
    init(
        _ program: String,
        _ arguments: [String],
        environment: [String: String],
        folder: URL,
        output: URL,
        errors: URL
    ) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        let flags = O_WRONLY | O_CREAT | O_APPEND
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output.path, flags, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, errors.path, flags, 0o600)
        // Sockets of other tests would stay open for as long as this program runs, and a file that one
        // of them writes at this moment would count as being written to: so also what is opened
        // between this look and the start. One that is closed is no error.
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        for descriptor in 3...(open.compactMap { Int32($0) }.max() ?? 3) + 64 {
            unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var spawned = pid_t()
        // posix_spawn cannot change the folder under every C library; env can.
        let env = "/usr/bin/env"
        let words = [env, "-C", folder.path, program] + arguments
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let result = unsafe Self.withCStrings(words) { argv in
            unsafe Self.withCStrings(variables) { envp in
                unsafe posix_spawn(&spawned, env, &actions, nil, argv, envp)
            }
        }
        guard result == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: result) ?? .EIO)
        }
        pid = spawned
    }

    deinit {
        if status == nil {
            kill(pid, SIGKILL)
            _ = wait()
        }
    }

    /// Sends a signal.
    func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for the end; the exit status, or 128 + the signal that ended it.
    @discardableResult
    func wait() -> Int32 {
        lock.withLock {
            if let status { return status }
            var raw: Int32 = 0
            while unsafe waitpid(pid, &raw, 0) < 0 && errno == EINTR {}
            let ended = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
            status = ended
            return ended
        }
    }

    private static func withCStrings<Result>(
        _ texts: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { preconditionFailure("never empty") }
            return unsafe body(start)
        }
    }
}
