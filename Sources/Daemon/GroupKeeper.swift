// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Logging
import Queue
import Watch

/// Publishes the groups that are complete, each as one.
///
/// A member is uploaded by itself and then held in the queue; here the rule of its group
/// (`GroupRule.decide`) is asked again whenever something may have changed, and when it says so.
final class GroupKeeper: Sendable {
    /// Asks about a folder of a template.
    typealias Asking = @Sendable (FileName, String) async -> Stillness

    /// Many rings are one look.
    private static let rest = Span.milliseconds(100)
    private static let retryPauses = (first: Span.seconds(5), longest: Span.seconds(300))

    let queue: Queue
    let stores: StoreTable
    let publisher: Publisher
    let pages: GroupPages
    let board: GroupBoard
    let uploads: UploadBoard
    let logger: Logger
    /// Whether more is to come beneath a folder; nothing where nobody watches.
    private let stillness: Asking?
    /// Has jobs looked for that may be due now.
    private let wakeOthers: @Sendable () -> Void
    private let bell: Bell
    private let clock = ClockSense()

    /// Makes a keeper; `bell` rings when something about a group may have changed.
    init(
        queue: Queue,
        stores: StoreTable,
        publisher: Publisher,
        pages: GroupPages,
        board: GroupBoard,
        uploads: UploadBoard,
        bell: Bell,
        stillness: Asking?,
        wakeOthers: @escaping @Sendable () -> Void,
        logger: Logger
    ) {
        self.queue = queue
        self.stores = stores
        self.publisher = publisher
        self.pages = pages
        self.board = board
        self.uploads = uploads
        self.bell = bell
        self.stillness = stillness
        self.wakeOthers = wakeOthers
        self.logger = logger
    }

    /// Looks soon: a member may have been added, uploaded or ended.
    func wake() { bell.ring() }

    /// Keeps groups until the task is cancelled.
    func run() async {
        var failures: [UniqueID: (count: Int, until: Timestamp, reason: String)] = [:]
        while !Task.isCancelled {
            let began = ContinuousClock.now
            let now = WallClock.now()
            var next: Timestamp?
            var holds: [GroupBoard.Folder: GroupHold] = [:]
            do throws(QueueError) {
                if clock.wasSetBack(wall: now) { try await queue.heedClock(at: now) }
                let groups = try await queue.openGroups()
                let paused = try await queue.pauses().filter { $0.reason == .person }
                let ids = Set(groups.map(\.id))
                failures = failures.filter { ids.contains($0.key) }
                for group in groups {
                    var (until, hold) = (failures[group.id]?.until, GroupHold.uploading)
                    if paused.contains(where: { $0.template ?? group.template == group.template }) {
                        // `resume` rings.
                        (until, hold) = (nil, .paused)
                    } else if let failure = failures[group.id], failure.until > now {
                        hold = .failed(failure.reason)
                    } else {
                        switch try await look(at: group, at: now) {
                        case .waits(let moment, let reason):
                            (until, hold) = (moment, reason)
                        case .published:
                            failures[group.id] = nil
                            continue
                        case .failed(let failure):
                            let count = (failures[group.id]?.count ?? 0) + 1
                            until = WallClock.now() + Self.pause(afterFailures: count)
                            hold = .failed("\(failure)")
                            if let until { failures[group.id] = (count, until, "\(failure)") }
                        }
                    }
                    holds[GroupBoard.Folder(group)] = hold
                    next = [next, until].compactMap { $0 }.min()
                }
            } catch {
                logger.error("groups cannot be looked up: \(error)")
                next = WallClock.now() + .seconds(1)
            }
            tell(of: holds)
            let effort = ContinuousClock.now - began
            // A due time is wall clock, and that may be set while we sleep.
            let pause = next.map { min(max($0 - WallClock.now(), .milliseconds(10)), .seconds(60)) }
            await bell.wait(atMost: pause)
            // A large group, whose members ring as each of them is uploaded, must not keep the queue busy.
            try? await Task.sleep(for: min(max(Self.rest.duration, effort * 10), .seconds(2)))
        }
    }

    private static func pause(afterFailures count: Int) -> Span {
        let doubled = retryPauses.first.nanoseconds << Int64(min(count - 1, 10))
        return min(Span(nanoseconds: doubled), retryPauses.longest)
    }

    private enum Answer {
        case waits(until: Timestamp?, GroupHold)
        case published
        case failed(Failure)
    }

    private func look(at group: OpenGroup, at now: Timestamp) async throws(QueueError) -> Answer {
        let folder = GroupBoard.Folder(group)
        let isNamed = stillness == nil && board.isNamed(folder)
        // A command publishes what it named; the rest waits for the daemon, which watches.
        guard stillness != nil || isNamed else { return .waits(until: nil, .uploading) }
        if group.isBegun { return await publish(group, isWhole: true) }
        let standing = try await queue.standing(of: group.id)
        let rule = group.rule ?? GroupRule(.quiet(.zero))
        let facts = GroupFacts(
            changedAt: group.changedAt,
            openedAt: group.openedAt,
            hasReady: standing.hasReady,
            isUploading: standing.isUploading,
            dead: standing.dead,
            hasMarker: rule.marker.map { Self.isThere($0, group) } ?? false,
            isNamed: isNamed
        )
        switch rule.decide(facts, at: now) {
        case .wait(let until, let hold):
            return .waits(until: until, hold)
        case .publishReady:
            logger.warning(
                "the timeout of a group is over, so what is ready is published",
                metadata: ["group": "\(group.folder)", "template": "\(group.template)"]
            )
            return await publish(group, isWhole: false)
        case .publish:
            guard standing.hasReady else { return .waits(until: nil, .uploading) }
            let soon = now + GroupRule.lookEvery
            switch await stillness?(group.folder, group.template) {
            case .busy: return .waits(until: soon, .settling)
            case .away: return .waits(until: soon, .away)
            case .still, .notWatched, nil: return await publish(group, isWhole: true)
            }
        }
    }

    private func publish(_ group: OpenGroup, isWhole: Bool) async -> Answer {
        let failure = await tellAll(group, isWhole: isWhole)
        if failure?.code == Publisher.hasChanged {
            return .waits(until: WallClock.now() + Self.rest, .quiet)
        }
        // Sources to be removed, and members that came meanwhile.
        wakeOthers()
        bell.ring()
        guard let failure else { return .published }
        if !Task.isCancelled {
            logger.error(
                "a group cannot be published yet: \(failure)",
                metadata: ["group": "\(group.folder)", "template": "\(group.template)"]
            )
        }
        return .failed(failure)
    }

    private static func isThere(_ marker: String, _ group: OpenGroup) -> Bool {
        let name = group.folder.appending(marker.utf8)
        let path = (Array(group.root.utf8) + [UInt8(ascii: "/")] + name.bytes + [0])
            .map { CChar(bitPattern: $0) }
        return unsafe access(path, F_OK) == 0
    }

    private func tell(of holds: [GroupBoard.Folder: GroupHold]) {
        let before = board.holds
        board.set(holds)
        for (folder, hold) in holds where hold.isTrouble && before[folder] != hold {
            // Why publishing failed is in the log already.
            if case .failed = hold { continue }
            logger.warning(
                "a group waits: \(hold.sentence)",
                metadata: ["group": "\(folder.name)", "template": "\(folder.template)"]
            )
        }
    }
}

extension GroupBoard.Folder {
    init(_ group: OpenGroup) {
        self.init(template: group.template, root: group.root, name: group.folder)
    }
}
