// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Starts the watcher's thread: a plain one, since it sleeps in poll(2) and must not hold one of the
/// few threads that Swift tasks share.
enum WatchThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func start(_ run: @escaping @Sendable () -> Void) throws(WatchError) {
        var thread = pthread_t()
        let body = unsafe Unmanaged.passRetained(Body(run))
        let answer = unsafe pthread_create(
            &thread,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            body.toOpaque()
        )
        guard answer == 0 else {
            unsafe body.release()
            throw .noThread(reason: "\(SystemError(code: answer))")
        }
        pthread_detach(thread)
    }
}
