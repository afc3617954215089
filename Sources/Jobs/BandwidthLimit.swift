// SPDX-License-Identifier: Apache-2.0

/// How many bytes a second may be sent, by the time of the week.
public struct BandwidthLimit: Hashable, Sendable {
    /// What holds from a minute of the week on.
    public struct Entry: Hashable, Sendable {
        /// Minutes since Monday, 00:00, by the local clock.
        public var minute: Int
        /// Bytes a second; absent: no limit.
        public var rate: Int64?

        /// Makes an entry.
        public init(minute: Int, rate: Int64?) {
            self.minute = minute
            self.rate = rate
        }
    }

    /// The minutes of a week.
    public static let week = 7 * 24 * 60

    /// No limit at all.
    public static let none = BandwidthLimit(entries: [])

    /// What holds when, by rising minutes; empty: no limit.
    public var entries: [Entry]

    /// Makes a limit of entries in any order, of which the later counts where two have one minute.
    public init(entries: [Entry]) {
        var byMinute: [Int: Entry] = [:]
        for entry in entries { byMinute[entry.minute] = entry }
        self.entries = byMinute.values.sorted { $0.minute < $1.minute }
    }

    /// Makes a limit that is the same at any time.
    public init(rate: Int64?) {
        self.init(entries: rate.map { [Entry(minute: 0, rate: $0)] } ?? [])
    }

    /// Whether it depends on the time.
    public var changes: Bool { Set(entries.map(\.rate)).count > 1 }

    /// The limit at a minute of the week: what began last, be it in the week before.
    ///
    /// - Parameter minute: Minutes since Monday, 00:00, by the local clock.
    /// - Returns: Bytes a second; nothing: no limit.
    public func rate(atMinute minute: Int) -> Int64? {
        (entries.last { $0.minute <= minute } ?? entries.last)?.rate
    }
}
