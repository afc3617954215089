// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTP
import Jobs
import Logging
import Synchronization

/// Keeps what is sent within the limit that holds now, by the local clock.
final class BandwidthKeeper: Sendable {
    private struct State {
        var limit: BandwidthLimit
        var rate: Int64?
    }

    private let http: HTTPClient
    private let logger: Logger
    private let bell = Bell()
    private let state: Mutex<State>

    init(_ limit: BandwidthLimit, http: HTTPClient, logger: Logger) {
        self.http = http
        self.logger = logger
        state = Mutex(State(limit: limit, rate: nil))
        apply()
    }

    /// Changes the limit, at once.
    func set(_ limit: BandwidthLimit) {
        state.withLock { $0.limit = limit }
        apply()
        bell.ring()
    }

    /// Follows the clock until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            apply()
            // Looked at each minute, since a clock and its zone can be set; without a timetable never.
            let changes = state.withLock { $0.limit.changes }
            await bell.wait(atMost: changes ? .seconds(60 - Self.now().second) : nil)
        }
    }

    private func apply() {
        let (rate, isNew) = state.withLock { state in
            let rate = state.limit.rate(atMinute: Self.now().minute)
            defer { state.rate = rate }
            return (rate, rate != state.rate)
        }
        guard isNew else { return }
        http.limitUploads(to: rate)
        logger.info("uploads: \(rate.map { "at most \($0) bytes a second" } ?? "no limit")")
    }

    /// The minute of the week and the second in it, by the local clock.
    private static func now() -> (minute: Int, second: Int64) {
        var seconds = time(nil)
        // `tm` has a pointer in it, to the name of the zone.
        var local = unsafe tm()
        _ = unsafe localtime_r(&seconds, &local)
        // tm_wday counts from Sunday.
        let day = unsafe (Int(local.tm_wday) + 6) % 7
        let minute = unsafe Int(local.tm_hour) * 60 + Int(local.tm_min)
        return unsafe (day * 1_440 + minute, Int64(local.tm_sec))
    }
}
