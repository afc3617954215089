// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What was learned from files that were changed in place soon after they had settled.
///
/// They had not been whole, and others like them may need as long. Pure, and of bounded size.
/// A file counts for itself each time, and once for its suffix, so that one that is rewritten for
/// ever does not slow its neighbours; many that change together, as by `touch *`, are one lesson for
/// their suffix. An hour without a new reason takes one doubling back.
struct SettleHistory: Sendable {
    /// A change later than this is another version and says nothing of the one before.
    static let window = Span.seconds(600)
    /// How long a doubling lasts.
    static let lasting = Span.seconds(3_600)
    private static let mostRecent = 4_096
    private static let mostLevels = 256

    private struct Settled {
        var place: Int
        var stamp: FileStamp
        var at: Timestamp
    }

    private enum Kind: Hashable {
        case file(SettleTable.Place)
        case suffix([UInt8])

        var isSuffix: Bool { if case .suffix = self { true } else { false } }
    }

    private struct Level {
        var doublings: Int
        var at: Timestamp

        func left(at now: Timestamp) -> Int {
            max(doublings - Int(max((now - at).nanoseconds, 0) / lasting.nanoseconds), 0)
        }
    }

    /// By inode: a file that was replaced by another is none that was changed.
    private var settled: [UInt64: Settled] = [:]
    private var order: [(inode: UInt64, at: Timestamp)] = []
    private var oldest = 0
    private var levels: [Kind: Level] = [:]

    /// How many settled files are remembered, and how many files and kinds something was learned of.
    var remembered: Int { settled.count }
    var learned: Int { levels.count }

    /// Takes note that a file has settled.
    mutating func haveSettled(_ place: SettleTable.Place, _ stamp: FileStamp, at now: Timestamp) {
        settled[stamp.inode] = Settled(place: place.hashValue, stamp: stamp, at: now)
        if order.count < Self.mostRecent {
            order.append((stamp.inode, now))
            return
        }
        let gone = order[oldest]
        if gone.inode != stamp.inode, settled[gone.inode]?.at == gone.at {
            settled[gone.inode] = nil
        }
        order[oldest] = (stamp.inode, now)
        oldest = (oldest + 1) % Self.mostRecent
    }

    /// Takes up the first look at a file that came to notice.
    ///
    /// - Returns: Whether files with its suffix wait for longer now, since this one had settled too
    ///   early.
    mutating func haveSeen(
        _ place: SettleTable.Place,
        _ stamp: FileStamp,
        at now: Timestamp
    ) -> Bool {
        guard let before = settled[stamp.inode], before.place == place.hashValue else {
            return false
        }
        guard !before.stamp.hasSameContent(as: stamp) else { return false }
        settled[stamp.inode] = nil
        guard now - before.at <= Self.window else { return false }
        let isFirst = level(.file(place), at: now) == 0
        raise(.file(place), at: now)
        let suffix = Kind.suffix(Self.suffix(of: place.name))
        guard isFirst, isNewLesson(suffix, at: now) else { return false }
        raise(suffix, at: now)
        return true
    }

    /// How often the wait of a file is doubled.
    func doublings(of place: SettleTable.Place, at now: Timestamp) -> Int {
        guard !levels.isEmpty else { return 0 }
        return max(
            level(.file(place), at: now),
            level(.suffix(Self.suffix(of: place.name)), at: now)
        )
    }

    private func level(_ kind: Kind, at now: Timestamp) -> Int {
        levels[kind]?.left(at: now) ?? 0
    }

    /// Whether the latest doubling had the time to prove too short: what changed in the wait before
    /// it says nothing of it.
    private func isNewLesson(_ kind: Kind, at now: Timestamp) -> Bool {
        guard let level = levels[kind] else { return true }
        let wait = SettleRule.quick.nanoseconds << Int64(level.doublings)
        return (now - level.at).nanoseconds >= min(wait, Self.window.nanoseconds)
    }

    private mutating func raise(_ kind: Kind, at now: Timestamp) {
        if levels[kind] == nil, levels.count >= Self.mostLevels {
            levels = levels.filter { $0.value.left(at: now) > 0 }
            if levels.count >= Self.mostLevels, let key = Self.leastNeeded(levels) {
                levels[key] = nil
            }
        }
        // Ten double 2 s beyond the longest wait.
        levels[kind] = Level(doublings: min(level(kind, at: now) + 1, 10), at: now)
    }

    /// What is forgotten first: a file before a suffix, which many files need, and the eldest of these.
    private static func leastNeeded(_ levels: [Kind: Level]) -> Kind? {
        levels.min { first, second in
            (first.key.isSuffix ? 1 : 0, first.value.at) < (
                second.key.isSuffix ? 1 : 0, second.value.at
            )
        }?.key
    }

    /// What follows the last dot, in lower case; empty when there is none.
    static func suffix(of name: [UInt8]) -> [UInt8] {
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return [] }
        return name[(dot + 1)...].map {
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0
        }
    }
}

extension FileStamp {
    /// Whether only the inode's other fields (mode, owner, links) can differ.
    func hasSameContent(as other: FileStamp) -> Bool {
        size == other.size && modified == other.modified && inode == other.inode
    }
}
