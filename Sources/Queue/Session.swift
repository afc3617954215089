// SPDX-License-Identifier: Apache-2.0
internal import GRDBSQLite
internal import Jobs

/// The one connection: its prepared statements, and what is remembered of small tables.
///
/// Only `GroupCommit` touches it, one transaction at a time. What an operation does here stands or
/// falls with the transaction it runs in.
@safe final class Session {
    let connection: OpaquePointer
    private var statements: [ObjectIdentifier: PreparedStatement] = [:]
    /// What small tables hold; emptied whenever a transaction is rolled back.
    var names = Names()
    private var moved: [Int64] = [0, 0, 0, 0]

    init(connection: OpaquePointer) {
        unsafe self.connection = connection
    }

    /// Finalizes every statement, so that the connection can be closed.
    func finalize() {
        statements = [:]
    }

    /// The statement of a text, prepared at its first use.
    func statement(_ sql: SQL) throws(QueueError) -> PreparedStatement {
        let key = ObjectIdentifier(sql)
        if let statement = statements[key] { return statement }
        let statement = try prepare(sql.text)
        statements[key] = statement
        return statement
    }

    /// A statement that is used once.
    func prepare(_ text: String) throws(QueueError) -> PreparedStatement {
        try unsafe PreparedStatement(text, on: connection)
    }

    /// Runs several statements that give nothing.
    func execute(script: String) throws(QueueError) {
        guard unsafe sqlite3_exec(connection, script, nil, nil, nil) == SQLITE_OK else {
            throw unsafe QueueError(latestOf: connection)
        }
    }

    /// Runs a text that gives one number, such as a PRAGMA.
    func number(_ text: String) throws(QueueError) -> Int? {
        try prepare(text).one { row in row.int(0) }
    }

    /// Says that what was read makes no sense.
    func damage(_ reason: String) -> QueueError {
        unsafe QueueError(damageIn: connection, reason)
    }

    // MARK: Transactions

    /// Rows changed since the connection was opened; equal before and after an operation that
    /// wrote nothing.
    var changes: Int { Int(unsafe sqlite3_total_changes(connection)) }

    /// Runs `body` in a transaction; when it throws, or the commit fails, nothing of it remains.
    func transaction(_ body: () throws(QueueError) -> Void) throws(QueueError) {
        try statement(.begin).run()
        do {
            try body()
            try saveTally()
            try statement(.commit).run()
        } catch {
            try rollBack()
            throw error
        }
    }

    private func rollBack() throws(QueueError) {
        names = Names()
        moved = [0, 0, 0, 0]
        // SQLite has rolled back by itself after some errors, such as a full disk.
        guard unsafe sqlite3_get_autocommit(connection) == 0 else { return }
        try statement(.rollback).run()
    }

    // MARK: Counting

    /// Notes that a job came into one state, or left another.
    func count(from old: StoredState? = nil, into new: StoredState? = nil) {
        if let old { moved[old.rawValue] -= 1 }
        if let new { moved[new.rawValue] += 1 }
    }

    /// Stores what was counted since the transaction began.
    func saveTally() throws(QueueError) {
        for (state, difference) in moved.enumerated() where difference != 0 {
            let update = try statement(.updateTally)
            update.bind(1, state)
            update.bind(2, difference)
            try update.run()
        }
        moved = [0, 0, 0, 0]
    }
}

extension SQL {
    fileprivate static let begin = SQL("BEGIN")
    fileprivate static let commit = SQL("COMMIT")
    fileprivate static let rollback = SQL("ROLLBACK")
    fileprivate static let updateTally = SQL("UPDATE tally SET jobs = jobs + ?2 WHERE state = ?1")
}

/// A job's state as the column `state` holds it; below `done` a job is live.
enum StoredState: Int {
    case waiting = 0
    case dead = 1
    case done = 2
    case dropped = 3
}
