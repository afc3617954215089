// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    /// The most jobs of one problem that are revised in one go.
    private static let most = 100_000

    func revise(
        _ filter: JobFilter,
        withProblem codes: Set<String>,
        _ change: (Template) -> Template
    ) throws(QueueError) -> Int {
        var count = 0
        for state in [JobState.waiting, .dead] {
            for code in codes.sorted() {
                var filter = filter
                filter.state = state
                filter.problem = code
                for record in try records(filter, limit: Self.most) {
                    let template = change(record.job.template)
                    guard template != record.job.template else { continue }
                    let update = try statement(.reviseTemplate)
                    update.bind(1, record.job.id)
                    update.bind(2, try snapshot(Shared(template)))
                    try update.run()
                    count += update.changes
                }
            }
        }
        return count
    }

    func countWaiting(
        withProblem codes: Set<String>,
        at now: Timestamp
    ) throws(QueueError) -> Int {
        var count = 0
        let codes = codes.sorted()
        let marks = codes.indices.map { "?\($0 + 3)" }.joined(separator: ", ")
        // What is held is due later, so the index leaves out all that is only next.
        let select = try prepare(
            """
            SELECT count(*) FROM (
                SELECT 1 FROM job INDEXED BY job_ready
                WHERE state = 0 AND paused = 0 AND rank IS NULL AND lane = ?1 AND due > ?2
                    AND problem IN (\(marks))
                LIMIT 1000
            )
            """
        )
        for lane in try lanes(template: nil, store: nil) {
            select.bind(1, lane)
            select.bind(2, now)
            for (index, code) in codes.enumerated() { select.bind(Int32(index + 3), code) }
            count += try select.one { row in row.int(0) } ?? 0
        }
        return count
    }
}

extension SQL {
    fileprivate static let reviseTemplate = SQL(
        "UPDATE job SET template = ?2 WHERE id = ?1 AND state < 2"
    )
}
