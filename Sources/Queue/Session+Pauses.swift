// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    /// What is paused, besides single jobs.
    func pauses() throws(QueueError) -> [Pause] {
        if let known = names.pauses { return known }
        var found: [Pause] = []
        try statement(.selectPauses).each { (row) throws(QueueError) in
            let template = row.text(0)
            guard let reason = Pause.Reason(rawValue: row.int(1)) else {
                throw damage("the pause of \(template) has an unknown reason")
            }
            found.append(
                Pause(
                    template: template.isEmpty ? nil : template,
                    reason: reason,
                    since: row.timestamp(2),
                    files: row.int(3),
                    bytes: row.int64(4)
                )
            )
        }
        names.pauses = found
        return found
    }

    /// Hands out nothing of the target any more; says whether there is such a thing.
    func pause(_ target: PauseTarget, at now: Timestamp) throws(QueueError) -> Bool {
        switch target {
        case .everything:
            try store(Pause(template: nil, reason: .person, since: now))
        case .template(let name):
            try store(Pause(template: name, reason: .person, since: now))
        case .job(let id):
            let update = try statement(.pauseJob)
            update.bind(1, id)
            try update.run()
            return update.changes == 1
        }
        return true
    }

    /// Undoes `pause`; everything is all that a person paused.
    ///
    /// - Returns: Whether anything was paused so.
    func resume(_ target: PauseTarget) throws(QueueError) -> Bool {
        switch target {
        case .everything:
            let jobs = try statement(.resumeJobs)
            try jobs.run()
            let jobsChanged = jobs.changes
            let pauses = try statement(.deletePersonsPauses)
            try pauses.run()
            names.pauses = nil
            return jobsChanged + pauses.changes > 0
        case .template(let name):
            return try remove(name, .person)
        case .job(let id):
            let update = try statement(.resumeJob)
            update.bind(1, id)
            try update.run()
            return update.changes == 1
        }
    }

    /// Stores a pause, unless there is one of its kind.
    func store(_ pause: Pause) throws(QueueError) {
        let insert = try statement(.insertPause)
        insert.bind(1, pause.template ?? "")
        insert.bind(2, pause.reason.rawValue)
        insert.bind(3, pause.since)
        insert.bind(4, pause.files)
        insert.bind(5, pause.bytes)
        try insert.run()
        names.pauses = nil
    }

    /// Removes a pause; says whether there was one.
    func remove(_ template: String, _ reason: Pause.Reason) throws(QueueError) -> Bool {
        let delete = try statement(.deletePause)
        delete.bind(1, template)
        delete.bind(2, reason.rawValue)
        try delete.run()
        names.pauses = nil
        return delete.changes == 1
    }
}

extension SQL {
    fileprivate static let selectPauses = SQL(
        "SELECT template, reason, since, files, bytes FROM pause ORDER BY template, reason"
    )
    fileprivate static let insertPause = SQL(
        """
        INSERT INTO pause (template, reason, since, files, bytes) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO NOTHING
        """
    )
    fileprivate static let deletePause = SQL(
        "DELETE FROM pause WHERE template = ?1 AND reason = ?2"
    )
    fileprivate static let deletePersonsPauses = SQL("DELETE FROM pause WHERE reason = 0")
    fileprivate static let pauseJob = SQL(
        "UPDATE job SET paused = 1 WHERE id = ?1 AND state = 0"
    )
    fileprivate static let resumeJob = SQL(
        "UPDATE job SET paused = 0 WHERE id = ?1 AND state = 0 AND paused = 1"
    )
    fileprivate static let resumeJobs = SQL(
        "UPDATE job INDEXED BY job_paused SET paused = 0 WHERE state = 0 AND paused = 1"
    )
}
