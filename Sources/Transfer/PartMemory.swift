// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The memory that parts are read into, for all files and stores together.
///
/// Parts never take all of the budget, so that small files go on beside large ones. Memory that a
/// part is done with serves the next, because fresh memory costs a page fault for each 4 KiB.
public final class PartMemory: Sendable {
    private let budget: MemoryBudget
    private let share: MemoryBudget
    /// The most bytes that parts take together.
    let limit: Int
    private let pool = Mutex(Pool())

    private struct Pool {
        var users = 0
        var free: [PartBuffer] = []
    }

    /// Takes three quarters of a budget.
    public init(within budget: MemoryBudget) {
        self.budget = budget
        limit = budget.total / 4 * 3
        share = MemoryBudget(bytes: limit)
    }

    /// Says that a file begins; `leave` must follow.
    func enter() { pool.withLock { $0.users += 1 } }

    /// Says that a file has ended; with the last one the memory goes back to the system.
    func leave() {
        pool.withLock { pool in
            pool.users -= 1
            if pool.users == 0 { pool.free = [] }
        }
    }

    /// Takes memory for a part, waiting for it if need be.
    ///
    /// - Returns: Nothing when the task was cancelled while it waited.
    func take(_ bytes: Int) async -> PartBuffer? {
        guard await share.take(bytes) else { return nil }
        guard await budget.take(bytes) else {
            share.giveBack(bytes)
            return nil
        }
        let kept: PartBuffer? = pool.withLock { pool in
            guard let last = pool.free.lastIndex(where: { $0.capacity == bytes }) else {
                // Another file's parts have another size.
                pool.free = []
                return nil
            }
            return pool.free.remove(at: last)
        }
        return kept ?? PartBuffer(capacity: bytes)
    }

    /// Gives back what `take` took.
    func giveBack(_ buffer: PartBuffer) {
        pool.withLock { pool in
            if pool.users > 0 { pool.free.append(buffer) }
        }
        budget.giveBack(buffer.capacity)
        share.giveBack(buffer.capacity)
    }
}

/// Memory for one part; one task at a time writes it, and nobody while it is sent.
@safe
final class PartBuffer: @unchecked Sendable {
    let capacity: Int
    let bytes: UnsafeMutableRawBufferPointer

    init(capacity: Int) {
        self.capacity = capacity
        unsafe bytes = .allocate(byteCount: max(capacity, 1), alignment: 4_096)
    }

    deinit { unsafe bytes.deallocate() }
}
