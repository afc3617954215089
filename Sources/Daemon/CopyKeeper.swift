// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Jobs
import Logging
import Publish

/// Keeps the other forms of one manifest up to date.
///
/// They are written at the start, soon after a change, when a link ends, and at the end. Writing costs
/// what the links are, not what changed; so the pause after it grows with its cost, and it takes no
/// more than a twentieth of a core and a quarter of the time, however many links there are.
final class CopyKeeper: Sendable {
    /// How long the copies may stay behind the manifest while they are small.
    private static let pause = Span.seconds(5)
    /// How long after a failure they are tried again.
    private static let pauseAfterFailure = Span.seconds(30)

    private let sink: ManifestSink
    private let copies: ManifestCopies
    private let bell: Bell
    /// Has a thread of its own, which the global queues have not.
    private let queue = DispatchQueue(label: "presignd.copies", qos: .utility)
    private let logger: Logger

    /// Prepares a keeper; `bell` rings after each delivery to the sink.
    init(_ sink: ManifestSink, as formats: [ManifestFormat], bell: Bell, logger: Logger) {
        self.sink = sink
        copies = ManifestCopies(of: sink, as: formats)
        self.bell = bell
        self.logger = logger
    }

    /// Works until the task is cancelled, and writes then once more what has changed.
    ///
    /// - Parameters:
    ///   - isShared: Whether several templates publish to the manifest.
    ///   - onWritten: Called after they were written, all of them.
    func run(
        isShared: @escaping @Sendable () -> Bool,
        onWritten: @Sendable () -> Void = {}
    ) async {
        var told: Set<String> = []
        while true {
            let written = sink.lastSequence
            let round = await write(isShared)
            tell(round.failures, &told)
            if round.failures.isEmpty { onWritten() }
            let pause = max(Self.pause, round.pause)
            let isDone = round.failures.isEmpty
            try? await Task.sleep(for: max(pause, isDone ? .zero : Self.pauseAfterFailure).duration)
            if isDone { await bell.wait(atMost: round.nextExpiry.map { $0 - WallClock.now() }) }
            guard Task.isCancelled else { continue }
            if sink.lastSequence != written { tell(await write(isShared).failures, &told) }
            return
        }
    }

    private struct Round: Sendable {
        var nextExpiry: Timestamp?
        var failures: [PublishError] = []
        /// What its cost asks for.
        var pause = Span.zero
    }

    /// Writes them on a thread that may block.
    private func write(_ isShared: @escaping @Sendable () -> Bool) async -> Round {
        await withCheckedContinuation { continuation in
            queue.async { [copies] in
                let (cpu, clock) = (Self.time(CLOCK_THREAD_CPUTIME_ID), Self.time(CLOCK_MONOTONIC))
                var round = Round()
                do throws(PublishError) {
                    let outcome = try copies.write(at: WallClock.now(), isShared: isShared())
                    round.nextExpiry = outcome.nextExpiry
                    round.failures = outcome.failures
                } catch {
                    round.failures = [error]
                }
                let spent = Self.time(CLOCK_THREAD_CPUTIME_ID) - cpu
                let waited = Self.time(CLOCK_MONOTONIC) - clock
                round.pause = Span(nanoseconds: max(spent * 19, waited * 3))
                continuation.resume(returning: round)
            }
        }
    }

    /// Says each trouble once, until it is over.
    private func tell(_ failures: [PublishError], _ told: inout Set<String>) {
        let messages = Set(failures.map(\.message))
        for failure in failures where !told.contains(failure.message) {
            logger.error("a copy of the manifest is not up to date: \(failure)")
        }
        if !told.isEmpty, messages.isEmpty {
            logger.notice("the copies of the manifest are up to date again: \(sink.path)")
        }
        told = messages
    }

    private static func time(_ clock: Int32) -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
