// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue
import Synchronization

/// Takes back the links of files that were taken away, where a template says `on_remove: revoke`.
///
/// The watcher only hints. `MissingFiles` looks, a while later, so that an editor's save is none; a
/// `RemovalBrake` decides; and the order to revoke is in the queue before the file is forgotten, so that
/// a crash in between repeats the look and orders again.
final class RemovalKeeper: Sendable {
    /// How long a name must have been missing.
    static let grace = Span.seconds(3)
    /// When what is held or let go is looked at again, in case the files are back or a look failed: twice
    /// as long after it began each time, and then as often as the second.
    private static let again = (first: Span.seconds(30), longest: Span.seconds(600))
    /// More names of one look are counted only: so many are held anyhow.
    static let mostNames = 1_024

    /// One look at a template's files, while it goes on.
    struct Looking: Sendable {
        let template: Template
        let isWhole: Bool
        /// The brake's turns as it began.
        let turns: Int
        var missing: Set<FileName> = []
        var count = 0
        /// Files that are there.
        var present = 0
    }

    struct State {
        var brakes: [String: RemovalBrake] = [:]
        var hints: [String: (names: Set<FileName>, due: Timestamp)] = [:]
    }

    let queue: Queue
    let now: @Sendable () -> Timestamp
    let logger: Logger
    /// Orders were stored.
    let onOrdered: @Sendable () -> Void
    let bell = Bell()
    let state = Mutex(State())

    init(
        queue: Queue,
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp = WallClock.now,
        onOrdered: @escaping @Sendable () -> Void
    ) {
        self.queue = queue
        self.logger = logger
        self.now = now
        self.onOrdered = onOrdered
    }

    /// Takes up what was held, let go, or away when presignd ran last.
    func restore() async throws(QueueError) {
        let holds = try await queue.removalHolds()
        state.withLock { state in
            for (template, hold) in holds { state.brakes[template] = RemovalBrake(stored: hold) }
        }
        bell.ring()
    }

    /// Notes names that may have been taken away, or beneath which something was.
    func hint(_ names: some Collection<FileName>, template: String) {
        state.withLock { state in
            // From the last one on: a folder that is being removed is looked at when all is over.
            state.hints[template, default: ([], now())].due = now() + Self.grace
            state.hints[template]?.names.formUnion(names)
            // Of more than are remembered all is looked at.
            if (state.hints[template]?.names.count ?? 0) > Self.mostNames {
                state.hints[template]?.names = [FileName(bytes: [])]
            }
        }
        bell.ring()
    }

    /// Has the whole folder of a template looked at soon.
    func lookAtAll(of template: String) {
        state.withLock { $0.hints[template] = ([FileName(bytes: [])], now()) }
        bell.ring()
    }

    /// A template's folder went away: what is missed once it is back is held, also after a restart.
    ///
    /// - Throws: `QueueError` when that cannot be stored; this process knows it all the same.
    func folderLeft(_ template: String) async throws(QueueError) {
        let now = now()
        state.withLock { state in
            state.hints[template] = nil
            state.brakes[template, default: RemovalBrake()].folderLeft(at: now)
        }
        try await store(template)
    }

    /// Has what is held of a template carried out, by the next process if this one does not come to it.
    ///
    /// - Returns: How many files that is, if any is.
    /// - Throws: `QueueError` when that cannot be stored.
    func release(_ template: String) async throws(QueueError) -> Int? {
        let files = state.withLock { state -> Int? in
            guard let hold = state.brakes[template]?.hold else { return nil }
            state.brakes[template]?.release()
            return hold.files
        }
        guard files != nil else { return nil }
        try await store(template)
        lookAtAll(of: template)
        return files
    }

    /// Forgets what is held of a template under which links outlive their files by now.
    ///
    /// - Returns: How many files that was, if any was.
    /// - Throws: `QueueError` when that cannot be stored.
    func drop(_ template: String) async throws(QueueError) -> Int? {
        let files = state.withLock { state -> Int? in
            guard let hold = state.brakes[template]?.hold else { return nil }
            state.brakes[template]?.drop()
            return hold.files
        }
        if files != nil { try await store(template) }
        return files
    }

    /// Stores what a template's brake says by then.
    func store(_ template: String) async throws(QueueError) {
        try await queue.storeHold(ofRemovalsOf: template) { [self] in
            state.withLock { $0.brakes[template]?.stored }
        }
    }

    /// What is held, or let go and not carried out yet, a line for each of these templates.
    func problems(of templates: [Template]) -> [String] {
        let brakes = state.withLock { $0.brakes }
        return templates.compactMap { template in
            guard template.retention.onRemove == .revoke else { return nil }
            guard let stored = brakes[template.name]?.stored, stored.state != .away else {
                return nil
            }
            return stored.sentence(template: template.name)
        }
    }

    /// Has names looked at once they have been missing for a while, until the task is cancelled.
    ///
    /// - Parameter look: Looks soon at names of a template; nothing: at all it knows.
    func run(_ look: @Sendable (_ template: String, _ names: [FileName]?) -> Void) async {
        while !Task.isCancelled {
            for (template, names) in dueHints() {
                look(template, names.contains(FileName(bytes: [])) ? nil : names.sorted())
            }
            await bell.wait(atMost: pause)
        }
    }

    private func dueHints() -> [(String, Set<FileName>)] {
        let now = now()
        return state.withLock { state in
            for (name, brake) in state.brakes where state.hints[name] == nil {
                // A folder that is away is looked at by the scan once it is back.
                guard let hold = brake.stored, hold.state != .away else { continue }
                // Counted from the hold on, so that it needs no clock of its own.
                state.hints[name] = (
                    [FileName(bytes: [])], hold.since + Self.nextLook(after: now - hold.since)
                )
            }
            let due = state.hints.filter { $0.value.due <= now }
            for name in due.keys { state.hints[name] = nil }
            return due.map { ($0.key, $0.value.names) }
        }
    }

    /// How long after a hold began the next look comes, once that much time has gone by.
    static func nextLook(after elapsed: Span) -> Span {
        let elapsed = max(0, elapsed.seconds)
        var next = again.first.seconds
        while next <= elapsed, next < again.longest.seconds { next *= 2 }
        guard next >= again.longest.seconds else { return .seconds(next) }
        return .seconds((elapsed / again.longest.seconds + 1) * again.longest.seconds)
    }

    private var pause: Span? {
        let next = state.withLock { $0.hints.values.map(\.due).min() }
        return next.map { max($0 - now(), .milliseconds(1)) }
    }
}
