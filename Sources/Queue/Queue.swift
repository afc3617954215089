// SPDX-License-Identifier: Apache-2.0
internal import CSQLite
internal import GRDB
internal import Glibc
public import Jobs

/// Keeps jobs, files, links and deliveries in SQLite so that a crash loses none.
///
/// What a call has returned is on the disk: it survives a crash of the process and a power cut.
/// What a call has not returned may be there or not, and every call may be repeated. Calls may come
/// from any number of tasks; those that come together share a commit (see `GroupCommit`).
///
/// One connection does every write, read and checkpoint, and keeps other processes out: the SQLite
/// of Debian 12 (3.40.1) can lose committed rows when two connections reset the write-ahead log at
/// the same moment. Who opens a queue therefore holds the state folder's lock.
///
/// The states of a job, the tables and what one transaction holds: docs/queue.md.
public final class Queue: Sendable {
    /// Jobs that a worker had when the process before ended; they wait again.
    public let rescued: Int
    private let group: GroupCommit
    let reserve: Reserve?
    let path: String

    /// How many of these ended now, since the process crashed over them too often.
    public let poisonous: Int

    /// Whether no event was ever numbered in it when it was opened: it is new, or as good as new.
    public let isWithoutEvents: Bool

    private init(
        database: DatabaseQueue,
        session: sending Session,
        _ rescue: Session.Rescue,
        isWithoutEvents: Bool,
        path: String,
        reserve: Reserve?
    ) {
        group = GroupCommit(database: database, session: session, reserve: reserve)
        self.path = path
        self.reserve = reserve
        rescued = rescue.all
        poisonous = rescue.poisonous
        self.isWithoutEvents = isWithoutEvents
    }

    /// Opens the database `queue.sqlite` in a folder, making or migrating it where needed, and puts
    /// every job that a worker had back to waiting.
    ///
    /// - Parameters:
    ///   - folder: The state folder, which must exist.
    ///   - now: The present moment; rescued jobs are due at once.
    ///   - afterCrash: Whether the process that had them crashed; being killed says nothing of them.
    ///   - hasReserve: Whether to keep 4 MiB free (the file `reserve`), so that over a full disk what
    ///     is under way is recorded; see `isDiskFull`.
    ///   - routing: Which sinks are told of jobs that end now, because the process crashed over them.
    /// - Returns: The open queue; nobody else may open it until it is closed.
    /// - Throws: `QueueError`; a database of a newer presignd is left as it is.
    public static func open(
        folder: String,
        at now: Timestamp,
        afterCrash: Bool = false,
        hasReserve: Bool = false,
        routing: SinkRouting = .manifests([])
    ) throws(QueueError) -> Queue {
        let past = Past(isCrash: afterCrash, routing: routing)
        guard hasReserve else { return try open(folder, now, past, nil) }
        let reserve = Reserve(folder: folder)
        do {
            return try open(folder, now, past, reserve)
        } catch .diskFull where reserve.giveUp() {
            // Opening writes too.
            return try open(folder, now, past, reserve)
        }
    }

    private static func open(
        _ folder: String,
        _ now: Timestamp,
        _ past: Past,
        _ reserve: Reserve?
    ) throws(QueueError) -> Queue {
        let path = folder + "/queue.sqlite"
        do {
            try createFile(path)
            MemoryCount.isOff
            let database = try DatabaseQueue(path: path, configuration: configuration)
            let (session, rescue, isWithoutEvents) = try database.inDatabase { connection in
                try prepare(connection, path: path, at: now, past)
            }
            try syncFolder(folder)
            return Queue(
                database: database,
                session: session,
                rescue,
                isWithoutEvents: isWithoutEvents,
                path: path,
                reserve: reserve
            )
        } catch let error as QueueError {
            throw error
        } catch let error as DatabaseError {
            let code = error.extendedResultCode.rawValue
            throw QueueError(code: code, message: error.message ?? "no reason given", path: path)
        } catch {
            throw .cannotOpen(path: path, reason: "\(error)")
        }
    }

    /// Waits for the calls that are under way, then closes the database; later calls throw
    /// `QueueError.closed`.
    public func close() async {
        await group.close()
    }

    /// Runs an operation in a transaction and returns once that is committed.
    func perform<T: Sendable>(
        _ body: @escaping @Sendable (Session) throws(QueueError) -> T
    ) async throws(QueueError) -> T {
        try await group.perform(body)
    }
}

// MARK: - Opening

extension Queue {
    /// How the process before ended, and who is told of jobs that need a person for that.
    struct Past {
        var isCrash: Bool
        var routing: SinkRouting
    }

    private static var configuration: GRDB.Configuration {
        var configuration = GRDB.Configuration()
        configuration.label = "presignd.queue"
        configuration.journalMode = .wal
        configuration.prepareDatabase { connection in
            try connection.execute(
                sql: """
                    PRAGMA locking_mode = EXCLUSIVE;
                    PRAGMA temp_store = MEMORY;
                    PRAGMA cache_size = -4096;
                    """
            )
        }
        return configuration
    }

    private static func prepare(
        _ connection: Database,
        path: String,
        at now: Timestamp,
        _ past: Past
    ) throws -> (Session, Session.Rescue, isWithoutEvents: Bool) {
        // Not in `prepareDatabase`: GRDB sets NORMAL after it, which lost acknowledged rows over
        // power cuts.
        try connection.execute(sql: "PRAGMA synchronous = FULL")
        guard let handle = unsafe connection.sqliteConnection else {
            throw QueueError.cannotOpen(path: path, reason: "the connection is closed")
        }
        guard unsafe csqlite_add_name_hash(handle) else {
            throw QueueError.cannotOpen(path: path, reason: "there is not enough memory")
        }
        let session = unsafe Session(connection: handle)
        guard try session.number("PRAGMA synchronous") == 2 else {
            throw QueueError.cannotOpen(path: path, reason: "SQLite refuses synchronous = FULL")
        }
        try session.migrate(path: path)
        let rescue = try session.rescue(at: now, from: past)
        return (session, rescue, try session.isWithoutEvents())
    }

    /// Makes the file before SQLite does, because SQLite would make it readable for others; the
    /// write-ahead log takes its mode from it.
    private static func createFile(_ path: String) throws(QueueError) {
        let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            Glibc.close(descriptor)
            return
        }
        guard errno == EEXIST else { throw .cannotOpen(path: path, reason: reason(errno)) }
        let code = unsafe chmod(path, 0o600)
        guard code == 0 else { throw .cannotOpen(path: path, reason: reason(errno)) }
    }

    /// Makes the files' names last over a power cut.
    private static func syncFolder(_ folder: String) throws(QueueError) {
        let descriptor = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(path: folder, reason: reason(errno)) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .storage(path: folder, reason: reason(errno)) }
    }

    private static func reason(_ code: Int32) -> String {
        unsafe String(cString: strerror(code))
    }
}

extension Session {
    /// Takes the database through the steps it has not been through yet.
    func migrate(path: String) throws(QueueError) {
        let found = try number("PRAGMA user_version") ?? 0
        guard found <= Schema.steps.count else {
            throw .newerSchema(path: path, found: found, known: Schema.steps.count)
        }
        for version in found..<Schema.steps.count {
            try transaction { () throws(QueueError) in
                try execute(script: Schema.steps[version])
                _ = try number("PRAGMA user_version = \(version + 1)")
            }
        }
    }
}
