// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The bytes a folder holds, against the bytes it may hold.
///
/// A PUT reserves its size before its body is taken, so that many at once cannot overrun the bound
/// together. An overwrite needs room for both bodies: for a moment the disk holds both.
final class Quota: Sendable {
    /// The bytes the folder may hold.
    let limit: Int64

    private struct State: Sendable {
        /// Nothing until the files were counted.
        var used: Int64?
        var reserved: Int64 = 0
    }

    private let state = Mutex(State())

    init(limit: Int64) { self.limit = limit }

    /// A share of the folder that is given back when it is dropped.
    final class Reservation: Sendable {
        private let quota: Quota
        private let size: Int64

        fileprivate init(_ quota: Quota, size: Int64) {
            self.quota = quota
            self.size = size
        }

        deinit { quota.state.withLock { $0.reserved -= size } }
    }

    /// Sets aside room for a body and its record.
    ///
    /// - Throws: `Refusal`: `QuotaExceeded`, or `SlowDown` while the files are still being counted.
    func reserve(_ size: Int64) throws(Refusal) -> Reservation {
        let limit = limit
        let refusal: Refusal? = state.withLock { state in
            guard let used = state.used else {
                return .counting
            }
            guard size <= limit - used - state.reserved else {
                return Refusal(
                    .quotaExceeded,
                    "The store is full: it holds \(used) of \(limit) bytes. "
                        + "Delete objects, or raise max_size of the store."
                )
            }
            state.reserved += size
            return nil
        }
        if let refusal { throw refusal }
        return Reservation(self, size: size)
    }

    /// Sets the bytes that were found at start; until then nothing changes.
    func start(with sum: Int64) {
        state.withLock { $0.used = sum }
    }

    /// Throws `SlowDown` while the files are still being counted.
    func requireCounted() throws(Refusal) {
        guard state.withLock({ $0.used != nil }) else { throw .counting }
    }

    /// Runs a change of the folder and keeps the sum right.
    ///
    /// - Parameters:
    ///   - added: bytes that come if the change is made.
    ///   - removed: tells the bytes that go; asked just before, while no other change can come.
    ///   - change: makes the change and says whether it did.
    /// - Returns: what `change` says.
    /// - Throws: what `change` throws.
    func replace(
        added: Int64,
        removed: () -> Int64,
        by change: () throws(FileProblem) -> Bool
    ) throws(FileProblem) -> Bool {
        try state.withLock { (state) throws(FileProblem) in
            let gone = removed()
            guard try change() else { return false }
            state.used? += added - gone
            return true
        }
    }
}

extension Refusal {
    fileprivate static let counting = Refusal(
        .slowDown,
        "The store is adding up the sizes of its objects. Try again."
    )
}
