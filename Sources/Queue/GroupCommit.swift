// SPDX-License-Identifier: Apache-2.0
internal import GRDB
internal import Glibc
internal import Synchronization

/// Runs operations in the order they come, as many in one transaction as came while the one before
/// was being committed.
///
/// A commit costs an fsync, so under load it is shared by up to `most` operations; an operation
/// that comes while nothing runs is committed at once. After a commit that some shared, but not many,
/// the next one rests for a moment: as long as those who were just answered need to come back with
/// their next operation. The caller of an operation continues only when the commit is on the disk.
final class GroupCommit: Sendable {
    /// One operation: what it does, and how its caller is told.
    struct Operation: Sendable {
        let run: @Sendable (Session) throws(QueueError) -> Void
        let finish: @Sendable (QueueError?) -> Void
    }

    private struct Mailbox {
        var operations: [Operation] = []
        var isBusy = false
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let database: DatabaseQueue
    private let session: Mutex<Session>
    private let mailbox = Mutex(Mailbox())
    private let reserve: Reserve?
    private let most = 256
    /// So many operations are not worth a commit each under load, while fewer are those of a file or
    /// two, which wait for nothing but this.
    private static let few = 8..<128
    /// Long beside the work between two operations of a job, short beside what a person notices.
    private static let restMicroseconds: UInt32 = 4_000

    init(database: DatabaseQueue, session: sending Session, reserve: Reserve? = nil) {
        self.database = database
        self.reserve = reserve
        self.session = Mutex(session)
    }

    /// Runs an operation and waits until it is committed.
    func perform<T: Sendable>(
        _ body: @escaping @Sendable (Session) throws(QueueError) -> T
    ) async throws(QueueError) -> T {
        let slot = Slot<T>()
        let result = await withCheckedContinuation { continuation in
            submit(
                Operation(
                    run: { (session) throws(QueueError) in slot.fill(try body(session)) },
                    finish: { error in continuation.resume(returning: slot.result(or: error)) }
                )
            )
        }
        return try result.get()
    }

    /// Waits for what was submitted, then closes the database; later operations are refused.
    func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = mailbox.withLock { mailbox in
                mailbox.isClosed = true
                if mailbox.isBusy { mailbox.closers.append(continuation) }
                return !mailbox.isBusy
            }
            if isIdle { continuation.resume() }
        }
        session.withLock { $0.finalize() }
        // Only a statement left open could refuse this, and there is none; should it fail even so,
        // nothing is lost, because every commit is on the disk and the file is closed at exit.
        try? database.close()
    }

    private func submit(_ operation: Operation) {
        enum Reaction { case none, start, refuse }
        let reaction: Reaction = mailbox.withLock { mailbox in
            guard !mailbox.isClosed else { return .refuse }
            mailbox.operations.append(operation)
            defer { mailbox.isBusy = true }
            return mailbox.isBusy ? .none : .start
        }
        switch reaction {
        case .none: break
        case .refuse: operation.finish(.closed)
        case .start: database.asyncWriteWithoutTransaction { [self] _ in drain() }
        }
    }

    /// Runs on the connection's own queue until nothing is left to do.
    private func drain() {
        while let operations = takeBatch() {
            let errors = session.withLock { commit(operations, in: $0) }
            for (operation, error) in zip(operations, errors) { operation.finish(error) }
            if Self.few.contains(operations.count) { usleep(Self.restMicroseconds) }
        }
    }

    private func takeBatch() -> [Operation]? {
        let (batch, closers) = mailbox.withLock { mailbox in
            let batch = Array(mailbox.operations.prefix(most))
            mailbox.operations.removeFirst(batch.count)
            mailbox.isBusy = !batch.isEmpty
            guard batch.isEmpty else { return (batch, [] as [CheckedContinuation<Void, Never>]) }
            defer { mailbox.closers = [] }
            return (batch, mailbox.closers)
        }
        for closer in closers { closer.resume() }
        return batch.isEmpty ? nil : batch
    }

    /// Commits operations together, or, when one of them spoils the transaction, each by itself.
    private func commit(_ operations: [Operation], in session: Session) -> [QueueError?] {
        var errors = [QueueError?](repeating: nil, count: operations.count)
        do {
            try session.transaction { () throws(QueueError) in
                for (index, operation) in operations.enumerated() {
                    errors[index] = try Self.run(operation, in: session)
                }
            }
            return errors
        } catch {
            // With the room that was kept, all of it may go through.
            if case .diskFull = error, reserve?.giveUp() == true {
                return commit(operations, in: session)
            }
            guard operations.count > 1 else { return [error] }
            return operations.map { commit([$0], in: session)[0] }
        }
    }

    /// Runs one operation: returns its error when it wrote nothing, and throws when it did.
    private static func run(
        _ operation: Operation,
        in session: Session
    ) throws(QueueError) -> QueueError? {
        let before = session.changes
        do {
            try operation.run(session)
            return nil
        } catch .notWaiting(let id) where session.changes == before {
            return .notWaiting(id)
        }
    }
}

/// Where an operation leaves its result until it is committed.
private final class Slot<T: Sendable>: Sendable {
    private let value = Mutex<T?>(nil)

    func fill(_ result: T) {
        value.withLock { $0 = result }
    }

    func result(or error: QueueError?) -> Result<T, QueueError> {
        if let error { return .failure(error) }
        guard let value = value.withLock({ $0 }) else { return .failure(.closed) }
        return .success(value)
    }
}
