// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Jobs

/// Runs a program that prints a key, within bounds of time and output.
///
/// The program is started directly, never by a shell. It gets the environment, no input, and none
/// of presignd's open files; what it writes to standard error is dropped, for it may be a secret.
struct KeyProgram: Sendable {
    /// How a run ended.
    enum Outcome: Sendable {
        case printed([UInt8])
        case notStarted(reason: String)
        case failed(status: Int32)
        case killed(signal: Int32)
        case tooSlow(limit: Duration)
        case tooLong(limit: Int)
    }

    var words: [String]
    var environment: [String: String]
    /// The AWS SDKs wait as long.
    var timeLimit = Duration.seconds(60)
    var outputLimit = 64 << 10

    /// Runs the program to its end.
    func run() async -> Outcome {
        await withCheckedContinuation { continuation in
            let thread = DetachedThread.start { continuation.resume(returning: runBlocking()) }
            if !thread {
                continuation.resume(returning: .notStarted(reason: "there can be no more threads"))
            }
        }
    }

    private func runBlocking() -> Outcome {
        var child: Int32 = 0
        var output: Int32 = -1
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let code = unsafe withCStrings(words) { words in
            unsafe withCStrings(variables) { variables in
                unsafe cs_start_program(words, variables, &child, &output)
            }
        }
        guard code == 0 else {
            return .notStarted(reason: unsafe String(cString: strerror(code)))
        }
        defer { close(output) }
        return watch(child, output: output)
    }

    /// Reads until the program itself has ended: one that it left behind may hold the pipe open.
    private func watch(_ child: pid_t, output: Int32) -> Outcome {
        let deadline = ContinuousClock.now + timeLimit
        var bytes: [UInt8] = []
        while true {
            var status: Int32 = 0
            let hasEnded = unsafe waitpid(child, &status, WNOHANG) == child
            let isOpen = Self.drain(output, into: &bytes, limit: outputLimit)
            if hasEnded { return outcome(status, bytes) }
            let isSlow = ContinuousClock.now >= deadline
            if bytes.count > outputLimit || isSlow {
                kill(-child, SIGKILL)
                while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
                return isSlow ? .tooSlow(limit: timeLimit) : .tooLong(limit: outputLimit)
            }
            // Its end is not to be seen in the pipe, so it is looked for often.
            var entry = pollfd(fd: isOpen ? output : -1, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&entry, 1, 10)
        }
    }

    private func outcome(_ status: Int32, _ bytes: [UInt8]) -> Outcome {
        let signal = status & 0x7f
        if signal != 0 { return .killed(signal: signal) }
        let code = status >> 8 & 0xff
        if code != 0 { return .failed(status: code) }
        return bytes.count > outputLimit ? .tooLong(limit: outputLimit) : .printed(bytes)
    }

    /// Reads what is there, a little beyond the limit at most; false once the pipe is closed.
    private static func drain(_ output: Int32, into bytes: inout [UInt8], limit: Int) -> Bool {
        var block = [UInt8](repeating: 0, count: 4_096)
        while bytes.count <= limit {
            let count = unsafe read(output, &block, block.count)
            if count == 0 { return false }
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN
            }
            bytes.append(contentsOf: block.prefix(count))
        }
        return true
    }
}
