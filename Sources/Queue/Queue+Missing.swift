// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// A file that was handled, as its folder is walked to see whether it is still there.
public struct HandledFile: Hashable, Sendable {
    /// Its name beneath the root.
    public var name: FileName
    /// Since when it is known not to be there.
    public var missingSince: Timestamp?
}

/// What a walk over handled files found out.
public struct Findings: Hashable, Sendable {
    /// Files that are not there, and were not known to be missing.
    public var missing: [FileName] = []
    /// Files that were known to be missing and are there.
    public var back: [FileName] = []
    /// Files that have been missing for long enough to be forgotten.
    public var gone: [FileName] = []

    /// Makes findings of nothing.
    public init() {}

    /// Whether nothing has to be written.
    public var isEmpty: Bool { missing.isEmpty && back.isEmpty && gone.isEmpty }
}

extension Queue {
    /// Reads the names handled under a template, in the order of their bytes.
    ///
    /// - Parameters:
    ///   - template: The template's name.
    ///   - root: Its folder.
    ///   - name: Where to go on: only names after this one.
    ///   - limit: At most so many; fewer mean that these are the last.
    /// - Returns: The names, and since when those that are missing are.
    /// - Throws: `QueueError` of SQLite.
    public func handledFiles(
        template: String,
        root: String,
        after name: FileName? = nil,
        limit: Int
    ) async throws(QueueError) -> [HandledFile] {
        try await perform { (session) throws(QueueError) in
            guard let place = try session.knownPlace(template: template, root: root) else {
                return []
            }
            let select = try session.statement(.selectNames)
            select.bind(1, place)
            select.bind(2, name?.bytes ?? [])
            select.bind(3, limit)
            var files: [HandledFile] = []
            try select.each { row in
                files.append(
                    HandledFile(
                        name: FileName(bytes: row.bytes(0)),
                        missingSince: row.isNull(1) ? nil : row.timestamp(1)
                    )
                )
            }
            return files
        }
    }

    /// Notes what a walk found out.
    ///
    /// A file that was handled anew meanwhile is neither noted as missing nor forgotten for longer
    /// than until the next walk: handling clears what is noted, and only what is noted is forgotten.
    public func note(
        _ findings: Findings,
        template: String,
        root: String,
        at now: Timestamp
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            guard let place = try session.knownPlace(template: template, root: root) else { return }
            for (names, moment) in [(findings.missing, now), (findings.back, nil)] {
                for name in names {
                    let update = try session.statement(.updateMissing)
                    update.bind(1, place)
                    update.bind(2, name.bytes)
                    update.bind(3, moment?.nanoseconds)
                    try update.run()
                }
            }
            for name in findings.gone {
                let delete = try session.statement(.deleteMissing)
                delete.bind(1, place)
                delete.bind(2, name.bytes)
                try delete.run()
            }
        }
    }
}

extension SQL {
    fileprivate static let selectNames = SQL(
        """
        SELECT name, missing_since FROM file WHERE place = ?1 AND name > ?2 ORDER BY name LIMIT ?3
        """
    )
    fileprivate static let updateMissing = SQL(
        "UPDATE file SET missing_since = ?3 WHERE place = ?1 AND name = ?2"
    )
    fileprivate static let deleteMissing = SQL(
        "DELETE FROM file WHERE place = ?1 AND name = ?2 AND missing_since IS NOT NULL"
    )
}
