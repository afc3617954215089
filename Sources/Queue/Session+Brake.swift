// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// What came for a template, by the minute.
struct Arrivals {
    var minutes: [Int64: (files: Int, bytes: Int64)] = [:]

    var files: Int { minutes.values.reduce(0) { $0 + $1.files } }
    var bytes: Int64 { minutes.values.reduce(0) { $0 + $1.bytes } }
}

extension Session {
    /// Counts jobs that were just added, and holds their template if too many came.
    ///
    /// In the transaction that adds them: they are held before anyone can claim one of them.
    ///
    /// - Returns: The hold, if it began now.
    func weigh(
        _ jobs: [Job],
        for brake: Brake,
        at now: Timestamp
    ) throws(QueueError) -> Pause? {
        guard let template = jobs.first?.template.name else { return nil }
        let bytes = jobs.reduce(0) { $0 + $1.file.stamp.size }
        let minute = now.seconds / 60
        let arrivals = try note(jobs.count, bytes, for: template, in: minute)
        if try pauses().contains(where: { $0.template == template && $0.reason == .brake }) {
            let update = try statement(.growHold)
            update.bind(1, template)
            update.bind(2, jobs.count)
            update.bind(3, bytes)
            try update.run()
            names.pauses = nil
            return nil
        }
        guard brake.isExceeded(files: arrivals.files, bytes: arrivals.bytes) else { return nil }
        let hold = Pause(
            template: template,
            reason: .brake,
            since: now,
            files: arrivals.files,
            bytes: arrivals.bytes
        )
        try store(hold)
        return hold
    }

    private func note(
        _ files: Int,
        _ bytes: Int64,
        for template: String,
        in minute: Int64
    ) throws(QueueError) -> Arrivals {
        var arrivals = try arrivals(of: template)
        let window = (minute - Brake.window.nanoseconds / 60_000_000_000 + 1)...minute
        if arrivals.minutes[minute] == nil {
            arrivals.minutes = arrivals.minutes.filter { window.contains($0.key) }
            let delete = try statement(.deleteOldArrivals)
            delete.bind(1, template)
            delete.bind(2, window.lowerBound)
            delete.bind(3, window.upperBound)
            try delete.run()
        }
        let before = arrivals.minutes[minute] ?? (0, 0)
        let count = (files: before.files + files, bytes: before.bytes + bytes)
        arrivals.minutes[minute] = count
        let upsert = try statement(.upsertArrival)
        upsert.bind(1, template)
        upsert.bind(2, minute)
        upsert.bind(3, count.files)
        upsert.bind(4, count.bytes)
        try upsert.run()
        names.arrivals[template] = arrivals
        return arrivals
    }

    private func arrivals(of template: String) throws(QueueError) -> Arrivals {
        if let known = names.arrivals[template] { return known }
        var arrivals = Arrivals()
        let select = try statement(.selectArrivals)
        select.bind(1, template)
        try select.each { row in
            arrivals.minutes[row.int64(0)] = (row.int(1), row.int64(2))
        }
        return arrivals
    }

    /// Lets a held template go.
    ///
    /// - Parameters:
    ///   - template: The template's name.
    ///   - forgetting: Whether what came so far is forgotten, so that as much may come once more.
    /// - Returns: Whether it was held.
    /// - Throws: `QueueError`.
    func release(_ template: String, forgetting: Bool) throws(QueueError) -> Bool {
        if forgetting {
            let delete = try statement(.deleteArrivals)
            delete.bind(1, template)
            try delete.run()
            names.arrivals[template] = nil
        }
        return try remove(template, .brake)
    }
}

extension SQL {
    fileprivate static let growHold = SQL(
        """
        UPDATE pause SET files = files + ?2, bytes = bytes + ?3
        WHERE template = ?1 AND reason = 1
        """
    )
    fileprivate static let selectArrivals = SQL(
        "SELECT minute, files, bytes FROM arrival WHERE template = ?1"
    )
    fileprivate static let upsertArrival = SQL(
        """
        INSERT INTO arrival (template, minute, files, bytes) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (template, minute) DO UPDATE SET
            files = excluded.files, bytes = excluded.bytes
        """
    )
    // A minute that lies ahead is of a clock that was set back.
    fileprivate static let deleteOldArrivals = SQL(
        "DELETE FROM arrival WHERE template = ?1 AND (minute < ?2 OR minute > ?3)"
    )
    fileprivate static let deleteArrivals = SQL("DELETE FROM arrival WHERE template = ?1")
}
