// SPDX-License-Identifier: Apache-2.0

/// Finds numbers by a hash, four bytes an entry: what a number stands for is kept elsewhere.
///
/// Open addressing with linear probing; a removed entry moves those behind it up, so nothing is left
/// of it.
struct NameIndex: Sendable {
    private var buckets = [Int32](repeating: -1, count: 16)
    private var count = 0

    /// The number with this hash for which `isWanted` says so.
    func find(_ hash: Int, _ isWanted: (Int32) -> Bool) -> Int32? {
        var bucket = hash & (buckets.count - 1)
        while buckets[bucket] >= 0 {
            if isWanted(buckets[bucket]) { return buckets[bucket] }
            bucket = (bucket + 1) & (buckets.count - 1)
        }
        return nil
    }

    /// Adds a number that is not in it; `hash` gives the hash of any number that is.
    mutating func insert(_ number: Int32, _ hash: (Int32) -> Int) {
        if (count + 1) * 4 > buckets.count * 3 {
            let old = buckets
            buckets = [Int32](repeating: -1, count: old.count * 2)
            for other in old where other >= 0 { put(other, hash(other)) }
        }
        put(number, hash(number))
        count += 1
    }

    /// Removes a number; `hash` gives the hash of any number that is in it.
    mutating func remove(_ number: Int32, _ hash: (Int32) -> Int) {
        let mask = buckets.count - 1
        var hole = hash(number) & mask
        while buckets[hole] != number {
            guard buckets[hole] >= 0 else { return }
            hole = (hole + 1) & mask
        }
        count -= 1
        var next = (hole + 1) & mask
        while buckets[next] >= 0 {
            let home = hash(buckets[next]) & mask
            // It may move up unless its home lies behind the hole.
            if (next &- home) & mask >= (next &- hole) & mask {
                buckets[hole] = buckets[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        buckets[hole] = -1
    }

    private mutating func put(_ number: Int32, _ hash: Int) {
        var bucket = hash & (buckets.count - 1)
        while buckets[bucket] >= 0 { bucket = (bucket + 1) & (buckets.count - 1) }
        buckets[bucket] = number
    }
}
