// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue
import Synchronization

/// Has ordered visits to links made, until none is due: what was ordered is in the queue, and made again
/// after a crash.
final class OrderKeeper: Sendable {
    /// Visits under way at the same time.
    private static let places = 8
    /// Visits that are read at a time.
    private static let page = 64
    /// How long the queue may stay unreadable before it is asked again.
    private static let putOff = Span.seconds(5)

    private let queue: Queue
    private let revoker: LinkRevoker
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    /// Something was put into the outbox.
    private let onNews: @Sendable () -> Void
    private let bell = Bell()
    private let waiters = Mutex<[UniqueID: AsyncStream<LinkRevoker.Outcome>.Continuation]>([:])

    init(
        queue: Queue,
        revoker: LinkRevoker,
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp = WallClock.now,
        onNews: @escaping @Sendable () -> Void
    ) {
        self.queue = queue
        self.revoker = revoker
        self.logger = logger
        self.now = now
        self.onNews = onNews
    }

    /// Visits were ordered.
    func wake() { bell.ring() }

    /// Something was put into the outbox by others.
    func changed() { onNews() }

    /// What comes of the visits to a link from now on; the newest only.
    func outcomes(of id: UniqueID) -> AsyncStream<LinkRevoker.Outcome> {
        let (stream, teller) = AsyncStream.makeStream(
            of: LinkRevoker.Outcome.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        waiters.withLock { $0[id] = teller }
        return stream
    }

    /// Tells no more of a link.
    func forget(_ id: UniqueID) { waiters.withLock { $0[id] = nil } }

    /// Makes visits as they are due, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                let due = try await queue.dueLinks(
                    at: now(),
                    limit: Self.page,
                    onlyOrdered: true
                )
                guard due.isEmpty else {
                    await visit(due)
                    continue
                }
                let next = try await queue.nextVisit(onlyOrdered: true)
                await bell.wait(atMost: next.map { max($0 - now(), .milliseconds(10)) })
            } catch {
                logger.error("the queue cannot be read: \(error)")
                await bell.wait(atMost: Self.putOff)
            }
        }
    }

    private func visit(_ due: [DueLink]) async {
        await withTaskGroup(of: Void.self) { group in
            for (index, link) in due.enumerated() {
                if index >= Self.places { await group.next() }
                group.addTask { await self.visit(link) }
            }
        }
    }

    private func visit(_ due: DueLink) async {
        let outcome = await revoker.visit(due, at: now())
        // What was broken off is made at the next start.
        guard !Task.isCancelled else { return }
        if await store(outcome, of: due) != nil { await bell.wait(atMost: Self.putOff) }
    }

    /// Carries out one order for whoever has it due, and stores what came of it.
    ///
    /// - Returns: Why it could not be carried out, for who has the link visited again; nothing where
    ///   there is nothing to be tried again.
    func obey(_ due: DueLink) async -> Failure? {
        let outcome = await revoker.visit(due, at: now())
        if case .failed(let failure) = outcome.change.effect {
            if Task.isCancelled { return failure }
            if !LinkRevoker.isFinal(failure, due.visit) {
                tell(due, outcome)
                return failure
            }
        }
        return await store(outcome, of: due)
    }

    /// Stores what a visit came to, and tells who waits for it; returns why that could not be.
    private func store(_ outcome: LinkRevoker.Outcome, of due: DueLink) async -> Failure? {
        do {
            guard try await queue.apply([outcome.change], at: now()).first == true else {
                return nil
            }
        } catch {
            logger.error("the queue cannot be written: \(error)")
            return Failure(.retry, code: "queue", message: "\(error)")
        }
        tell(due, outcome)
        onNews()
        return nil
    }

    private func tell(_ due: DueLink, _ outcome: LinkRevoker.Outcome) {
        note(due, outcome)
        waiters.withLock { $0[due.link.id] }?.yield(outcome)
    }

    private func note(_ due: DueLink, _ outcome: LinkRevoker.Outcome) {
        let file: Logger.Metadata = [
            "id": "\(due.link.id)", "template": "\(due.job.template.name)",
            "path": "\(due.job.file.name)",
        ]
        switch outcome.change.effect {
        case .failed(let failure):
            // Once, however often it is tried.
            if due.tries == 0 { logger.error("\(failure)", metadata: file) }
        case .renewed: logger.notice("link revoked, and made anew", metadata: file)
        case .ended: logger.notice("link revoked, its object deleted", metadata: file)
        case .deleted: logger.notice("object deleted, its link had ended", metadata: file)
        case .told, .nothing: break
        }
    }
}
