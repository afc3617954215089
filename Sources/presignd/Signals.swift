// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Ctrl-C and SIGTERM as a task's cancellation; a second one ends the process at once.
enum Signals {
    /// Blocks the signals in this thread and all that it starts; call it before there are others.
    static func block() {
        var set = Self.set
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Runs `body` and cancels its task at the first signal.
    ///
    /// - Returns: What `body` returned, and whether a signal had come.
    static func cancelling<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> (Result, interrupted: Bool) {
        let task = Task { try await body() }
        let came = Flag()
        wait { count in
            guard count == 1 else { _exit(130) }
            came.set()
            task.cancel()
        }
        do {
            return (try await task.value, came.isSet)
        } catch is CancellationError where came.isSet {
            throw CommandFailure.interrupted
        }
    }

    private static var set: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigaddset(&set, SIGTERM)
        return set
    }

    /// Waits for signals on a thread of its own: a handler could do next to nothing safely.
    private static func wait(_ body: @escaping @Sendable (Int) -> Void) {
        let context = unsafe Unmanaged.passRetained(Handler(body)).toOpaque()
        var thread = pthread_t()
        _ = unsafe pthread_create(
            &thread,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                let handler = unsafe Unmanaged<Handler>.fromOpaque(context).takeRetainedValue()
                var set = Signals.set
                var count = 0
                while true {
                    var number: Int32 = 0
                    guard unsafe sigwait(&set, &number) == 0 else { continue }
                    count += 1
                    handler.body(count)
                }
            },
            context
        )
    }

    private final class Handler: Sendable {
        let body: @Sendable (Int) -> Void
        init(_ body: @escaping @Sendable (Int) -> Void) { self.body = body }
    }

    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }
}
