// SPDX-License-Identifier: Apache-2.0
internal import CSQLite

/// SQLite's count of its own memory, which costs 3 % of a job and which nobody reads.
enum MemoryCount {
    /// Switches it off, once and before the first database is opened.
    static let isOff: Void = csqlite_skip_memory_count()
}
