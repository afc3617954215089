// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOPosix

/// Another program, run to its end.
enum Program {
    struct Result: Sendable {
        var code: Int32
        var output: String
        var errors: String
    }

    /// The value of a variable of the environment.
    static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// Runs a program found on the path, with the environment of the tests.
    static func run(_ arguments: [String]) async throws -> Result {
        let folder = try TemporaryFolder()
        let (output, errors) = ("\(folder.path)/output", "\(folder.path)/errors")
        let code = try await RunningStore.threads.runIfActive {
            try spawn(["env"] + arguments, output: output, errors: errors)
        }
        return Result(code: code, output: try text(of: output), errors: try text(of: errors))
    }

    private static func spawn(
        _ arguments: [String],
        output: String,
        errors: String
    ) throws -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, flags, 0o600)
        let words: [UnsafeMutablePointer<CChar>?] =
            unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var process: pid_t = 0
        let result = unsafe posix_spawnp(&process, "env", &actions, nil, words, environ)
        guard result == 0 else { throw TestFailure("\(arguments[0]): error \(result)") }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw TestFailure("waitpid: \(errno)") }
        }
        return status & 0x7f == 0 ? status >> 8 & 0xff : -1
    }

    private static func text(of path: String) throws -> String {
        guard let file = unsafe fopen(path, "r") else { throw TestFailure("\(path): \(errno)") }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
