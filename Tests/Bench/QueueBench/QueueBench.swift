// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Queue

/// Claims jobs of a state folder as presignd does, gives them back, and prints as JSON how long the
/// claims took, in milliseconds: `QueueBench STATE [ROUNDS]`.
@main
struct QueueBench {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 2, let rounds = Int(arguments.dropFirst(2).first ?? "1000") else {
            print("usage: QueueBench STATE [ROUNDS]")
            exit(64)
        }
        var moment = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &moment)
        let now = Timestamp(seconds: Int64(moment.tv_sec))
        let queue = try Queue.open(folder: arguments[1], at: now)
        let one = try await times(rounds, of: queue) { try await queue.claim(1, at: now) }
        let many = try await times(rounds, of: queue) {
            try await queue.claim(ClaimShares(small: 64, large: 16), at: now).jobs
        }
        await queue.close()
        print("{\"claim of one job\": \(one), \"claim of 64 jobs\": \(many)}")
    }

    /// As JSON; what was claimed is given back each time, untimed.
    private static func times(
        _ rounds: Int,
        of queue: Queue,
        _ claim: @Sendable () async throws -> [Job]
    ) async throws -> String {
        var times: [Duration] = []
        for _ in 0..<rounds {
            let begun = ContinuousClock.now
            let jobs = try await claim()
            times.append(.now - begun)
            guard !jobs.isEmpty else { exit(66) }
            try await queue.release(jobs.map(\.id))
        }
        times.sort()
        let (half, most) = (times[rounds / 2], times[rounds * 99 / 100])
        return "{\"p50\": \(half / .milliseconds(1)), \"p99\": \(most / .milliseconds(1))}"
    }
}
