// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The files of one root that are waiting to be whole.
///
/// It is told of events and of looks, and says which looks are due; it does no I/O and has no clock.
/// A file is in it from its first sign until it is reported or gone, so its size is that of the
/// work at hand. Names hang on folders, so a renamed folder takes its settling files along.
struct SettleTable: Sendable {
    /// The place of a file: a folder and a name inside it.
    struct Place: Hashable, Sendable {
        var folder: FolderID
        var name: [UInt8]

        func hash(into hasher: inout Hasher) {
            hasher.combine(folder)
            unsafe name.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        }
    }

    /// A look to be made now.
    struct Visit: Sendable {
        var place: Place
        /// Whether this may be the last look, so that it must ask for writers too.
        var asksForWriter: Bool
    }

    /// What a look led to.
    enum Outcome: Hashable, Sendable {
        /// It goes on waiting.
        case waiting
        /// It is whole, and out of the table.
        case settled(FileStamp, FoundBy)
        /// It is not in the table.
        case unknown
    }

    /// What the last look saw.
    struct Seen: Sendable {
        var stamp: FileStamp
        /// When this very stamp was first seen.
        var since: Timestamp
        /// How often a writer was found.
        var refusals: Int32 = 0
    }

    /// A waiting file; kept small, as there may be as many as were made at once.
    struct Entry: Sendable {
        var place: Place
        var seen: Seen?
        var serial: UInt32
        var arrival: Arrival
        var foundBy: FoundBy
        var reason = SettleReason.changed
        var hasNews = true
        var notBefore: Timestamp?
        var due: Timestamp
        var scheduled: Timestamp
        /// When it came to notice, or was last seen to grow.
        var noticed: Timestamp
    }

    let rule: SettleRule
    var slots = EntryList<Entry>()
    private var free: [Int32] = []
    var index: [Place: Int32] = [:]
    var queue = DueQueue()
    private var serial: UInt32 = 0
    /// How many entries wait for a writer or out of caution: they may wait for long.
    private(set) var stalled = 0
    private var history: SettleHistory
    /// Files that turned out, for the first time, to have settled too early.
    private var early: [Place] = []

    init(rule: SettleRule, history: SettleHistory = SettleHistory()) {
        self.rule = rule
        self.history = history
    }

    /// How many files are waiting.
    var count: Int { index.count }

    /// When the next look is due.
    var nextDue: Timestamp? { queue.first?.due }

    /// Takes up an event: the file was made, closed after writing, or moved into place.
    mutating func note(_ arrival: Arrival, at place: Place, now: Timestamp) {
        guard let slot = index[place] else {
            // A file just made is usually closed before it is worth a look.
            let pause = arrival.isClosed ? .zero : min(rule.least, .milliseconds(100))
            insert(place, arrival, .event, due: now + pause, now: now)
            return
        }
        let least = rule.least
        let isReady = arrival == .moved && rule.ready == .rename
        update(slot) { entry in
            entry.arrival = arrival
            entry.foundBy = .event
            entry.hasNews = true
            let wasRefused = (entry.seen?.refusals ?? 0) > 0
            entry.seen?.refusals = 0
            let isFirstLookDue = entry.seen == nil && arrival.isClosed
            if wasRefused || isFirstLookDue || isReady {
                entry.due = min(entry.due, now)
            } else if arrival.isClosed {
                // It was to wait for longer as long as nobody was seen to close it.
                entry.due = min(entry.due, now + least)
            }
        }
    }

    /// Takes up a file that a listing found, with what `stat` said; one already waiting stays as is.
    mutating func found(
        _ stamp: FileStamp,
        at place: Place,
        by foundBy: FoundBy,
        as arrival: Arrival = .listed,
        isRemote: Bool = false,
        now: Timestamp
    ) {
        guard index[place] == nil else { return }
        // The look that found it makes the appointment.
        insert(place, arrival, foundBy, due: now, now: now, isAppointed: false)
        looked(at: place, stamp: stamp, writer: .notAsked, isRemote: isRemote, now: now)
    }

    /// Takes back a file that its consumer could not use yet.
    mutating func handBack(_ place: Place, until moment: Timestamp, now: Timestamp) {
        if index[place] == nil { insert(place, .made, .event, due: now, now: now) }
        guard let slot = index[place] else { return }
        update(slot) { $0.notBefore = moment }
    }

    /// Takes the looks that are due, at most `limit`; each must be answered by `looked` or `forget`.
    mutating func visits(at now: Timestamp, limit: Int) -> [Visit] {
        var visits: [Visit] = []
        while visits.count < limit, let first = queue.first, first.due <= now {
            guard let item = queue.popFirst(), let entry = slots[Int(item.slot)],
                entry.serial == item.serial, entry.scheduled == item.due
            else { continue }
            visits.append(Visit(place: entry.place, asksForWriter: asksForWriter(entry, now)))
        }
        return visits
    }

    /// Whether the file would be whole now if it has not changed and nobody writes it.
    private func asksForWriter(_ entry: Entry, _ now: Timestamp) -> Bool {
        guard let seen = entry.seen else { return false }
        // Whether it lies on a network does not matter: the look that asks tells the rest.
        let facts = SettleFacts(
            stamp: seen.stamp,
            since: seen.since,
            twoLooksAgree: true,
            arrival: entry.arrival,
            writer: .none,
            notBefore: entry.notBefore
        )
        return rule.decide(facts, at: now) == .whole
    }

    /// Takes up what a look saw.
    @discardableResult
    mutating func looked(
        at place: Place,
        stamp: FileStamp,
        writer: Writer,
        isRemote: Bool = false,
        now: Timestamp
    ) -> Outcome {
        guard let slot = index[place], var entry = slots[Int(slot)] else { return .unknown }
        let before = entry.seen
        let isSame = before?.stamp == stamp
        // Changed with no event since: written by somebody who was not seen to close it.
        if let old = before?.stamp, !isSame, !entry.hasNews, !old.hasSameContent(as: stamp) {
            entry.arrival = .open
        }
        entry.hasNews = false
        if before.map({ stamp.size > $0.stamp.size }) ?? false { entry.noticed = now }
        if rule.settle == nil, before == nil, history.haveSeen(place, stamp, at: now) {
            early.append(place)
        }
        let facts = SettleFacts(
            stamp: stamp,
            since: isSame ? before?.since ?? now : now,
            twoLooksAgree: isSame,
            arrival: entry.arrival,
            writer: isSame ? writer : .notAsked,
            refusals: Int(before?.refusals ?? 0),
            notBefore: entry.notBefore,
            isRemote: isRemote,
            doublings: rule.settle == nil ? history.doublings(of: place, at: now) : 0,
            noticed: entry.noticed
        )
        switch rule.decide(facts, at: now) {
        case .whole:
            remove(slot)
            if rule.settle == nil { history.haveSettled(place, stamp, at: now) }
            return .settled(stamp, entry.foundBy)
        case .wait(let until, let reason):
            entry.seen = Seen(
                stamp: stamp,
                since: facts.since,
                refusals: (before?.refusals ?? 0) &+ (reason == .writer ? 1 : 0)
            )
            setReason(reason, of: &entry)
            entry.due = until
            slots[Int(slot)] = entry
            schedule(slot)
            return .waiting
        }
    }

    /// Puts off a look that could not be made.
    mutating func postpone(_ place: Place, until moment: Timestamp) {
        guard let slot = index[place] else { return }
        slots[Int(slot)]?.due = moment
        schedule(slot)
    }

    /// Lets a file go: it is gone, or no regular file.
    mutating func forget(_ place: Place) {
        if let slot = index[place] { remove(slot) }
    }

    /// Starts all waits anew after the wall clock was set back, so that none takes as much longer.
    mutating func clockWasSetBack(to now: Timestamp) {
        queue.removeAll()
        for slot in slots.indices {
            guard var entry = slots[slot] else { continue }
            entry.due = now
            if let since = entry.seen?.since { entry.seen?.since = min(since, now) }
            entry.notBefore = entry.notBefore.map { min($0, now + rule.least) }
            entry.noticed = min(entry.noticed, now)
            entry.scheduled = entry.due
            slots[slot] = entry
            queue.push(
                DueQueue.Item(due: entry.due, slot: Int32(slot), serial: entry.serial)
            )
        }
    }
}

extension SettleTable {
    /// An empty table that knows what this one has learned.
    var emptied: SettleTable { SettleTable(rule: rule, history: history) }

    /// Takes the files that turned out, for the first time, to have settled too early.
    mutating func takeEarly() -> [Place] {
        defer { early = [] }
        return early
    }

    /// Whether a file is waiting.
    func contains(_ place: Place) -> Bool { index[place] != nil }

    /// Until when a file waits and why, if it does.
    func wait(of place: Place) -> (until: Timestamp, because: SettleReason)? {
        guard let slot = index[place], let entry = slots[Int(slot)] else { return nil }
        return (entry.due, entry.reason)
    }

    private mutating func insert(
        _ place: Place,
        _ arrival: Arrival,
        _ foundBy: FoundBy,
        due: Timestamp,
        now: Timestamp,
        isAppointed: Bool = true
    ) {
        serial &+= 1
        let entry = Entry(
            place: place,
            serial: serial,
            arrival: arrival,
            foundBy: foundBy,
            due: due,
            scheduled: due,
            noticed: now
        )
        let slot: Int32
        if let reused = free.popLast() {
            slot = reused
            slots[Int(slot)] = entry
        } else {
            slot = Int32(slots.count)
            slots.append(entry)
        }
        index[place] = slot
        if isAppointed { queue.push(DueQueue.Item(due: due, slot: slot, serial: serial)) }
    }

    private mutating func update(_ slot: Int32, _ change: (inout Entry) -> Void) {
        guard var entry = slots[Int(slot)] else { return }
        change(&entry)
        let mustHurry = entry.due < entry.scheduled
        slots[Int(slot)] = entry
        if mustHurry { schedule(slot) }
    }

    /// Makes the appointment for an entry's due time; an older one for the entry becomes void.
    private mutating func schedule(_ slot: Int32) {
        guard let entry = slots[Int(slot)] else { return }
        slots[Int(slot)]?.scheduled = entry.due
        queue.push(DueQueue.Item(due: entry.due, slot: slot, serial: entry.serial))
    }

    private mutating func setReason(_ reason: SettleReason, of entry: inout Entry) {
        stalled += (reason.mayTakeLong ? 1 : 0) - (entry.reason.mayTakeLong ? 1 : 0)
        entry.reason = reason
    }

    private mutating func remove(_ slot: Int32) {
        guard let entry = slots[Int(slot)] else { return }
        if entry.reason.mayTakeLong { stalled -= 1 }
        index[entry.place] = nil
        slots[Int(slot)] = nil
        free.append(slot)
        guard index.isEmpty else { return }
        // Appointments of the gone wake nobody, and a burst's memory is given back.
        if slots.count > 1_024 {
            self = SettleTable(rule: rule, history: history, early: early, serial: serial)
        } else {
            queue.removeAll(keepingCapacity: true)
        }
    }

    private init(rule: SettleRule, history: SettleHistory, early: [Place], serial: UInt32) {
        self.rule = rule
        self.history = history
        self.early = early
        self.serial = serial
    }
}

extension SettleReason {
    fileprivate var mayTakeLong: Bool {
        switch self {
        // As many as a scan finds: they must make it wait.
        case .changed, .found, .remote: false
        case .writer, .cautious, .handedBack, .learned: true
        }
    }
}
