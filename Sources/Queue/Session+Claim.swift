// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// A job that may be handed out.
private struct Candidate {
    var job: Job
    var due: Int64

    func precedes(_ other: Candidate, in order: QueueOrder) -> Bool {
        switch order {
        case .oldest: (due, job.id) < (other.due, other.job.id)
        case .newest: (due, job.id) > (other.due, other.job.id)
        case .smallest:
            (job.file.stamp.size, due, job.id)
                < (other.job.file.stamp.size, other.due, other.job.id)
        }
    }
}

/// A lane with work, while a claim is being shared out.
private struct Sharer {
    var lane: Lane
    var id: Int64
    var queueing: Queueing
    /// How many jobs it has been given, those ready before included.
    var has: Int
    /// Whether it gave all that it was asked for.
    var hasMore = true
}

extension Session {
    /// Marks due jobs as in flight and reads them: the ones due longest, whatever their lane.
    func claim(
        _ limit: Int,
        at now: Timestamp,
        only store: String?,
        except parked: Set<String>,
        _ kind: SQL = .selectDue
    ) throws(QueueError) -> [Job] {
        var found: [Candidate] = []
        for (lane, id) in try openLanes(except: parked) where lane.store == store ?? lane.store {
            found += try candidates(kind, in: id, limit, at: now)
            if kind === SQL.selectDue { found += try candidates(.selectRanked, in: id, limit) }
        }
        found.sort { $0.precedes($1, in: .oldest) }
        let jobs = found.prefix(limit).map(\.job)
        for job in jobs { try giveToWorker(job.id) }
        return jobs
    }

    /// Marks due jobs as in flight and reads them: of each lane its share.
    func claim(
        _ shares: ClaimShares,
        at now: Timestamp,
        except parked: Set<String>
    ) throws(QueueError) -> Claim {
        let open = try openLanes(except: parked)
        var claim = Claim()
        for (isLarge, most) in [(false, shares.small), (true, shares.large)] where most > 0 {
            var sharers: [Sharer] = []
            for (lane, id) in open where lane.isLarge == isLarge {
                guard try hasDue(in: id, at: now) else { continue }
                sharers.append(
                    Sharer(
                        lane: lane,
                        id: id,
                        queueing: shares.rules[lane.template] ?? Queueing(),
                        has: shares.ready[lane] ?? 0
                    )
                )
            }
            try share(most, among: &sharers, at: now, &claim)
        }
        return claim
    }

    /// Gives out the shares of lanes with work; what one cannot use the others get.
    private func share(
        _ most: Int,
        among sharers: inout [Sharer],
        at now: Timestamp,
        _ claim: inout Claim
    ) throws(QueueError) {
        var left = most - sharers.reduce(0) { $0 + $1.has }
        // The first round holds back nobody; the others give away what is left.
        for round in 0..<3 where round == 0 || left > 0 {
            let weights = sharers.reduce(0) { $0 + ($1.hasMore ? $1.queueing.weight : 0) }
            guard weights > 0 else { break }
            let spare = left
            for index in sharers.indices where sharers[index].hasMore {
                let sharer = sharers[index]
                let part = round == 0 ? most : spare
                let share = max(1, part * sharer.queueing.weight / weights)
                let wanted = round == 0 ? share - sharer.has : share
                guard wanted > 0 else { continue }
                let jobs = try jobs(in: sharer.id, wanted, at: now, sharer.queueing.order)
                for job in jobs { try giveToWorker(job.id) }
                claim.jobs += jobs
                left -= jobs.count
                sharers[index].has += jobs.count
                sharers[index].hasMore = jobs.count == wanted
            }
        }
        for sharer in sharers where sharer.hasMore { claim.unfinished[sharer.lane] = sharer.has }
    }

    /// The next jobs of one lane.
    private func jobs(
        in lane: Int64,
        _ limit: Int,
        at now: Timestamp,
        _ order: QueueOrder
    ) throws(QueueError) -> [Job] {
        let kind = order == .newest ? SQL.selectNewest : .selectDue
        var found = try candidates(kind, in: lane, limit, at: now)
        // Ranks are given where a template goes by size; its order may have changed since.
        found += try candidates(.selectRanked, in: lane, limit)
        found.sort { $0.precedes($1, in: order) }
        return found.prefix(limit).map(\.job)
    }

    private func candidates(
        _ kind: SQL,
        in lane: Int64,
        _ limit: Int,
        at now: Timestamp? = nil
    ) throws(QueueError) -> [Candidate] {
        var found: [Candidate] = []
        let select = try statement(kind)
        select.bind(1, lane)
        select.bind(2, limit)
        if let now { select.bind(3, now) }
        try select.each { (row) throws(QueueError) in
            let due = row.int64(SQL.jobColumnCount)
            found.append(Candidate(job: try job(from: row), due: due))
        }
        return found
    }

    private func hasDue(in lane: Int64, at now: Timestamp) throws(QueueError) -> Bool {
        if let due = try nextDue(in: lane), due <= now { return true }
        let ranked = try statement(.anyRanked)
        ranked.bind(1, lane)
        return try ranked.one { _ in true } ?? false
    }

    private func nextDue(in lane: Int64) throws(QueueError) -> Timestamp? {
        let select = try statement(.selectNextDue)
        select.bind(1, lane)
        return try select.one { row in row.timestamp(0) }
    }

    /// When the next job is due that no worker has.
    func nextDue(except parked: Set<String>) throws(QueueError) -> Timestamp? {
        var next: Timestamp?
        for (_, id) in try openLanes(except: parked) {
            let ranked = try statement(.anyRanked)
            ranked.bind(1, id)
            let dues = [
                try nextDue(in: id), try ranked.one { row in row.timestamp(0) },
            ]
            next = (dues + [next]).compactMap { $0 }.min()
        }
        return next
    }
}

extension SQL {
    private static let isFree =
        "crashes < 2 AND NOT EXISTS (SELECT 1 FROM in_flight WHERE in_flight.job = job.id)"

    // Index `job_ready` holds the order; in flight are as many jobs as there are workers.
    static let selectDue = SQL(
        """
        SELECT \(jobColumns), due FROM job INDEXED BY job_ready
        WHERE state = 0 AND paused = 0 AND rank IS NULL AND lane = ?1 AND due <= ?3
            AND \(isFree)
        ORDER BY due, id LIMIT ?2
        """
    )
    static let selectNewest = SQL(
        """
        SELECT \(jobColumns), due FROM job INDEXED BY job_ready
        WHERE state = 0 AND paused = 0 AND rank IS NULL AND lane = ?1 AND due <= ?3
            AND \(isFree)
        ORDER BY due DESC, id DESC LIMIT ?2
        """
    )
    /// What has a rank is due: a job loses it when it has to wait.
    static let selectRanked = SQL(
        """
        SELECT \(jobColumns), due FROM job INDEXED BY job_ranked
        WHERE state = 0 AND paused = 0 AND rank IS NOT NULL AND lane = ?1 AND \(isFree)
        ORDER BY rank, id LIMIT ?2
        """
    )
    /// The due jobs that failed to be published, by an index of their own.
    static let selectRetold = SQL(
        """
        SELECT \(jobColumns), due FROM job INDEXED BY job_retold
        WHERE state = 0 AND paused = 0 AND step = 1 AND problem IS NOT NULL AND lane = ?1
            AND due <= ?3 AND \(isFree)
        ORDER BY due, id LIMIT ?2
        """
    )
    static let selectNextDue = SQL(
        """
        SELECT due FROM job INDEXED BY job_ready
        WHERE state = 0 AND paused = 0 AND rank IS NULL AND lane = ?1 AND \(isFree)
        ORDER BY due, id LIMIT 1
        """
    )
    static let anyRanked = SQL(
        """
        SELECT due FROM job INDEXED BY job_ranked
        WHERE state = 0 AND paused = 0 AND rank IS NOT NULL AND lane = ?1 AND \(isFree)
        ORDER BY rank, id LIMIT 1
        """
    )
}
