// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Jobs
internal import Synchronization

/// The time by a store's clock, as far as its answers tell.
///
/// It is kept against the clock that runs since boot, which nobody sets: when this machine's wall
/// clock is set, the store's time stays what it was, and no request has to fail for it.
final class StoreClock: Sendable {
    /// From this difference on the store's time is taken: less is the delay of answers.
    private static let threshold = Span.seconds(60)

    private let wall: @Sendable () -> Timestamp
    private let running: @Sendable () -> Int64
    private let state = Mutex(State())

    private struct State {
        /// The store's time less the boot clock; nothing while this machine's own time will do.
        var known: Int64?
        /// This machine's time less the boot clock, as it was seen last.
        var wall: Int64?
        /// Whether what is known is that of before somebody set the clock.
        var isDoubtful = false
    }

    init(
        wall: @escaping @Sendable () -> Timestamp,
        running: @escaping @Sendable () -> Int64 = StoreClock.sinceBoot
    ) {
        self.wall = wall
        self.running = running
    }

    /// The store's time.
    var now: Timestamp {
        let (wall, running) = (wall(), running())
        return state.withLock { state in
            let difference = wall.nanoseconds &- running
            // Somebody set the clock: what went well before is trusted until an answer has a date.
            if state.known == nil, let before = state.wall, Self.isOff(before &- difference) {
                state.known = before
                state.isDoubtful = true
            }
            state.wall = difference
            return state.known.map { Timestamp(nanoseconds: $0 &+ running) } ?? wall
        }
    }

    /// How far the store's clock is ahead of this machine's, as far as that is known.
    var offset: Span {
        state.withLock { $0.known } == nil ? .zero : now - wall()
    }

    /// Takes what a refusal said: the signature's time was wrong by so much.
    func correct(by offset: Span, signedAt: Timestamp) {
        let right = signedAt.nanoseconds &+ offset.nanoseconds
        state.withLock { state in
            state.known = right &- running()
            state.isDoubtful = false
        }
    }

    /// Whether somebody set the clock since this was asked, and no answer has told yet who is right.
    ///
    /// A virtual machine that was stopped comes back with a clock that is set, too; it is right then.
    func takeDoubt() -> Bool {
        _ = now
        return state.withLock { state in
            defer { state.isDoubtful = false }
            return state.isDoubtful
        }
    }

    /// Takes the date of an answer that was no refusal of the time.
    func learn(_ date: Timestamp) {
        let (wall, running) = (wall(), running())
        let right = date.nanoseconds &- running
        state.withLock { state in
            state.isDoubtful = false
            guard Self.isOff(date.nanoseconds &- wall.nanoseconds) else {
                state.known = nil
                state.wall = wall.nanoseconds &- running
                return
            }
            // Dates have whole seconds: what is known to a second is not made better by another.
            if let known = state.known, !Self.isOff(known &- right) { return }
            state.known = right
        }
    }

    private static func isOff(_ nanoseconds: Int64) -> Bool {
        nanoseconds.magnitude >= threshold.nanoseconds.magnitude
    }

    /// Nanoseconds since boot, sleep included.
    static func sinceBoot() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
