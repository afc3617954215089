// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control
import Jobs
import Settings

/// `presignd drain`: wait until the queue is empty.
struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Take nothing new in, and end when nothing waits or runs.",
        discussion: """
            Exit status 0 once the queue is empty; 1 when the time is over, with how many files are \
            left. When the command has ended, files are taken in again. Without a running daemon the \
            queue is worked off by this command.
            """
    )

    @OptionGroup var common: CommonOptions

    @Option(help: "The longest wait: 90s, 10m, 2h; left out: as long as it takes.")
    var timeout: String?

    func run() async throws {
        let limit = try timeout.map { text in
            guard let span = QuantityText.lengthOfTime(text) else {
                throw ValidationError("--timeout \(text) is not a length of time such as 10m.")
            }
            return span.duration
        }
        let deadline = limit.map { ContinuousClock.now + $0 }
        let left = try await common.withOperations(working: true) { operations in
            while true {
                let left = try await operations.drain(DrainQuery())
                let isEmpty = left.waiting + left.running == 0
                guard !isEmpty, deadline.map({ ContinuousClock.now < $0 }) ?? true else {
                    _ = try await operations.drain(DrainQuery(isOver: true))
                    return left
                }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        guard left.waiting + left.running > 0 else { return Terminal.say("Nothing is left.") }
        for obstacle in left.obstacles { Terminal.say("problem: \(obstacle)") }
        throw CommandFailure.failed(
            "\(left.waiting + left.running) jobs are left: \(left.waiting) wait, "
                + "\(left.running) are under way"
        )
    }
}
