// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Synchronization

/// Ctrl-C, SIGTERM and SIGHUP as a task's cancellation; a second one ends the process at once.
///
/// For a daemon SIGHUP means something else: to read its configuration anew.
enum Signals {
    /// Runs `body` in a task that the first signal cancels.
    ///
    /// - Parameters:
    ///   - hangUp: What SIGHUP does instead; absent: it cancels as the others do.
    ///   - body: What to run.
    /// - Returns: What `body` returned.
    /// - Throws: What `body` throws; a cancellation that a signal caused as `interrupted`.
    static func cancelling<Result: Sendable>(
        onHangUp hangUp: (@Sendable () -> Void)? = nil,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let task = Task { try await body() }
        let count = Count()
        // Not sigwait: while `main` is suspended, libdispatch keeps the main thread in sigsuspend(2)
        // with every signal unblocked, and the default action would end the process there.
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if number == SIGHUP, let hangUp { return hangUp() }
                guard count.next() == 1 else { _exit(130) }
                task.cancel()
            }
            signal(number, SIG_IGN)
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        do {
            return try await task.value
        } catch is CancellationError where count.hasBegun {
            throw CommandFailure.interrupted
        }
    }

    private final class Count: Sendable {
        private let value = Atomic(0)
        var hasBegun: Bool { value.load(ordering: .acquiring) > 0 }
        func next() -> Int { value.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue }
    }
}
