// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
public import Jobs
import Logging

/// Runs a program for each event, which gets it as one line of JSON on standard input.
///
/// The program is started directly, never by a shell. Nothing of the event stands in its arguments
/// or its environment, which others may see, or on a disk. Status 0 means that it took the event; any
/// other, that it is told again.
public struct CommandSink: PushSink {
    /// How long a program has to end once it was told to.
    private static let grace = Duration.seconds(5)
    /// Where programs are looked for when the environment does not say.
    static let usualPath = "/usr/local/bin:/usr/bin:/bin"

    private let name: String
    private let settings: CommandSettings
    private let variables: [String]
    private let logger: Logger

    /// Makes a sink.
    ///
    /// Of the environment the program gets `PATH`, `HOME` and `LANG`.
    init(
        name: String,
        settings: CommandSettings,
        environment: [String: String],
        logger: Logger
    ) {
        self.name = name
        self.settings = settings
        self.logger = logger
        let usual = ["PATH": Self.usualPath, "HOME": "/", "LANG": "C.UTF-8"]
        variables = usual.map { "\($0.key)=\(environment[$0.key] ?? $0.value)" }
    }

    /// Runs the program once.
    public func push(_ notice: Notice, at moment: Timestamp) async -> PushOutcome {
        var child: Int32 = 0
        var output: Int32 = -1
        let line = notice.line
        let code = unsafe withCStrings(settings.words) { words in
            unsafe withCStrings(variables) { variables in
                unsafe cs_start_command(words, variables, line, line.count, &child, &output)
            }
        }
        guard code == 0 else {
            let reason = unsafe String(cString: strerror(code))
            let problem = "cannot be started: \(reason); correct command: in config.yaml"
            return .retry(failure("command-start", problem), after: nil)
        }
        defer { close(output) }
        var tail = OutputTail()
        let ending = await watch(child, output: output, &tail)
        let text = tail.text
        if !text.isEmpty {
            logger.info("command \(name)", metadata: ["event": "\(notice)", "output": "\(text)"])
        }
        return outcome(of: ending)
    }

    private enum Ending {
        case ended(status: Int32)
        case tooSlow
        case cancelled
    }

    private func outcome(of ending: Ending) -> PushOutcome {
        let problem: String
        switch ending {
        case .ended(0):
            return .delivered
        case .ended(let status):
            let signal = status & 0x7f
            problem =
                signal != 0
                ? "was ended by signal \(signal)" : "ended with status \(status >> 8 & 0xff)"
        case .tooSlow:
            problem = "took longer than \(settings.timeLimit.seconds) s and was ended; see timeout:"
        case .cancelled:
            problem = "was ended because presignd stops"
        }
        let more = "\(problem); what it printed is in the log"
        return .retry(failure("command-failed", more), after: nil)
    }

    private func failure(_ code: String, _ problem: String) -> Failure {
        Failure(
            .retry,
            code: code,
            message: "the command \(name) (\(settings.words[0])) \(problem)"
        )
    }

    /// Reads until the program itself has ended: one that it left behind may hold the pipe open.
    private func watch(_ child: pid_t, output: Int32, _ tail: inout OutputTail) async -> Ending {
        var deadline = ContinuousClock.now + settings.timeLimit.duration
        var broken: Ending?
        var pause = 2
        while true {
            let hasEnded = cs_has_ended(child) != 0
            Self.drain(output, into: &tail)
            if hasEnded { break }
            if broken == nil, Task.isCancelled || ContinuousClock.now >= deadline {
                broken = Task.isCancelled ? .cancelled : .tooSlow
                kill(-child, SIGTERM)
                deadline = ContinuousClock.now + Self.grace
            } else if ContinuousClock.now >= deadline {
                kill(-child, SIGKILL)
            }
            // Its end is not to be seen in the pipe, so it is looked for: often at first. A task
            // that was cancelled does not sleep, and may wait for no more than the grace.
            if Task.isCancelled { usleep(10_000) }
            try? await Task.sleep(for: .milliseconds(pause))
            pause = min(pause * 2, 50)
        }
        // Before it is reaped: until then nobody else can have its number.
        if broken != nil { kill(-child, SIGKILL) }
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
        return broken ?? .ended(status: status)
    }

    /// Reads what is there, a bounded part of it for a program that never stops.
    private static func drain(_ output: Int32, into tail: inout OutputTail) {
        var block = [UInt8](repeating: 0, count: 16_384)
        for _ in 0..<64 {
            let count = unsafe read(output, &block, block.count)
            if count > 0 { tail.append(block[..<count]) }
            if count == 0 || count < 0 && errno != EINTR { return }
        }
    }
}
