// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What wakes a thread that sleeps in poll(2): a byte in a pipe.
final class WakePipe: Sendable {
    /// The descriptor that is readable when the thread is to wake up.
    let reading: Int32
    private let writing: Int32

    init() throws(WatchError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw .noPipe(reason: "\(SystemError(code: errno))")
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        reading = ends[0]
        writing = ends[1]
    }

    deinit {
        _ = close(reading)
        _ = close(writing)
    }

    /// Wakes the thread, now or when it next wants to sleep.
    func wake() {
        var byte: UInt8 = 0
        // A full pipe wakes as well as one byte more.
        _ = unsafe write(writing, &byte, 1)
    }

    /// Forgets what came so far; the thread does so before it looks what there is to do.
    func clear() {
        var bytes = (UInt64.zero, UInt64.zero)
        while unsafe read(reading, &bytes, 16) > 0 {}
    }
}
