// SPDX-License-Identifier: Apache-2.0
internal import GRDBSQLite
internal import Glibc
internal import Jobs

/// The text of a statement that is prepared once and kept.
final class SQL: Sendable {
    let text: String

    init(_ text: String) { self.text = text }
}

/// A prepared statement: values are bound by position from 1 and read by position from 0.
///
/// It talks to SQLite itself because GRDB's own arguments and rows cost an allocation a value, and
/// every file passes here some twenty times.
@safe final class PreparedStatement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer
    private var bindCode = SQLITE_OK

    /// Prepares a statement.
    init(_ text: String, on connection: OpaquePointer) throws(QueueError) {
        var handle: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = unsafe sqlite3_prepare_v3(connection, text, -1, flags, &handle, nil)
        guard code == SQLITE_OK, let handle = unsafe handle else {
            throw unsafe QueueError(latestOf: connection)
        }
        unsafe self.handle = handle
        unsafe self.connection = connection
    }

    deinit {
        _ = unsafe sqlite3_finalize(handle)
    }

    // MARK: Running

    /// Runs the statement to its end.
    func run() throws(QueueError) {
        while try step() {}
    }

    /// Reads the first row, if there is one.
    func one<T>(_ read: (PreparedStatement) throws(QueueError) -> T) throws(QueueError) -> T? {
        defer { reset() }
        return try step() ? try read(self) : nil
    }

    /// Reads every row.
    func each(_ read: (PreparedStatement) throws(QueueError) -> Void) throws(QueueError) {
        defer { reset() }
        while try step() { try read(self) }
    }

    /// Reads rows as long as more are wanted.
    func first(
        while wanted: () -> Bool,
        _ read: (PreparedStatement) throws(QueueError) -> Void
    ) throws(QueueError) {
        defer { reset() }
        while wanted(), try step() { try read(self) }
    }

    /// Rows that the last insert, update or delete of this connection changed.
    var changes: Int { Int(unsafe sqlite3_changes(connection)) }

    private func step() throws(QueueError) -> Bool {
        guard bindCode == SQLITE_OK else {
            bindCode = SQLITE_OK
            reset()
            throw unsafe QueueError(latestOf: connection)
        }
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW:
            return true
        case SQLITE_DONE:
            reset()
            return false
        default:
            let error = unsafe QueueError(latestOf: connection)
            reset()
            throw error
        }
    }

    private func reset() {
        // The code it returns is that of the step before, which has been dealt with.
        _ = unsafe sqlite3_reset(handle)
    }

    private func check(_ code: Int32) {
        if code != SQLITE_OK { bindCode = code }
    }
}

// MARK: - Binding

/// Tells SQLite to copy the bytes before the call returns (`SQLITE_TRANSIENT`, a macro that Swift
/// cannot import).
private var copied: sqlite3_destructor_type {
    unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}

extension PreparedStatement {
    /// Binds an integer.
    func bind(_ index: Int32, _ value: Int64) {
        check(unsafe sqlite3_bind_int64(handle, index, value))
    }

    /// Binds an integer.
    func bind(_ index: Int32, _ value: Int) {
        bind(index, Int64(value))
    }

    /// Binds a moment.
    func bind(_ index: Int32, _ value: Timestamp) {
        bind(index, value.nanoseconds)
    }

    /// Binds NULL.
    func bindNull(_ index: Int32) {
        check(unsafe sqlite3_bind_null(handle, index))
    }

    /// Binds an integer or NULL.
    func bind(_ index: Int32, _ value: Int64?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    /// Binds bytes as a BLOB.
    func bind(_ index: Int32, _ value: [UInt8]) {
        guard !value.isEmpty else {
            // A pointer to nothing would bind NULL.
            return check(unsafe sqlite3_bind_zeroblob(handle, index, 0))
        }
        unsafe value.withUnsafeBytes { bytes in
            let count = Int32(clamping: bytes.count)
            let code = unsafe sqlite3_bind_blob(handle, index, bytes.baseAddress, count, copied)
            check(code)
        }
    }

    /// Binds bytes as a BLOB, or NULL.
    func bind(_ index: Int32, _ value: [UInt8]?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    /// Binds text, or NULL.
    func bind(_ index: Int32, _ value: String?) {
        guard var value else { return bindNull(index) }
        value.withUTF8 { text in
            let count = Int32(clamping: text.count)
            unsafe text.withMemoryRebound(to: CChar.self) { characters in
                let start = characters.baseAddress
                check(unsafe sqlite3_bind_text(handle, index, start, count, copied))
            }
        }
    }

    /// Binds an id as its sixteen bytes.
    func bind(_ index: Int32, _ value: UniqueID) {
        let words = (value.high.bigEndian, value.low.bigEndian)
        unsafe withUnsafeBytes(of: words) { bytes in
            check(unsafe sqlite3_bind_blob(handle, index, bytes.baseAddress, 16, copied))
        }
    }

    /// Binds the four numbers of a stamp from `index` on: size, modified, changed, inode.
    func bind(from index: Int32, _ stamp: FileStamp) {
        bind(index, stamp.size)
        bind(index + 1, stamp.modified)
        bind(index + 2, stamp.changed)
        bind(index + 3, Int64(bitPattern: stamp.inode))
    }
}

// MARK: - Reading

extension PreparedStatement {
    /// Whether a column is NULL.
    func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    /// An integer column.
    func int64(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(handle, column)
    }

    /// An integer column.
    func int(_ column: Int32) -> Int {
        Int(int64(column))
    }

    /// A column with a moment.
    func timestamp(_ column: Int32) -> Timestamp {
        Timestamp(nanoseconds: int64(column))
    }

    /// A BLOB column; empty for NULL.
    func bytes(_ column: Int32) -> [UInt8] {
        let start = unsafe sqlite3_column_blob(handle, column)
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// A TEXT column; empty for NULL.
    func text(_ column: Int32) -> String {
        let start = unsafe sqlite3_column_text(handle, column)
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        let characters = unsafe UnsafeBufferPointer(start: start, count: count)
        return unsafe String(decoding: characters, as: UTF8.self)
    }

    /// A column with an id.
    func id(_ column: Int32) throws(QueueError) -> UniqueID {
        guard let start = unsafe sqlite3_column_blob(handle, column),
            unsafe sqlite3_column_bytes(handle, column) == 16
        else { throw unsafe QueueError(damageIn: connection, "an id is not 16 bytes long") }
        return UniqueID(
            high: unsafe UInt64(bigEndian: start.loadUnaligned(as: UInt64.self)),
            low: unsafe UInt64(bigEndian: start.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }

    /// The four columns of a stamp from `column` on: size, modified, changed, inode.
    func stamp(from column: Int32) -> FileStamp {
        FileStamp(
            size: int64(column),
            modified: timestamp(column + 1),
            changed: timestamp(column + 2),
            inode: UInt64(bitPattern: int64(column + 3))
        )
    }
}

extension QueueError {
    /// Translates the latest error of a connection.
    init(latestOf connection: OpaquePointer) {
        let code = unsafe sqlite3_extended_errcode(connection)
        // SQLite knows ENOSPC and takes a quota that is used up for a broken disk.
        let isQuota = unsafe sqlite3_system_errno(connection) == EDQUOT
        guard code & 0xff != SQLITE_IOERR || !isQuota else {
            self = .diskFull(path: unsafe Self.path(of: connection))
            return
        }
        let message = unsafe sqlite3_errmsg(connection).map { unsafe String(cString: $0) }
        self.init(
            code: code,
            message: message ?? "unknown error",
            path: unsafe Self.path(of: connection)
        )
    }

    /// Says that what a connection read makes no sense.
    init(damageIn connection: OpaquePointer, _ reason: String) {
        self = .damaged(path: unsafe Self.path(of: connection), reason: reason)
    }

    private static func path(of connection: OpaquePointer) -> String {
        unsafe sqlite3_db_filename(connection, "main").map { unsafe String(cString: $0) }
            ?? "(no file)"
    }
}
