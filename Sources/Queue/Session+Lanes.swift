// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// The lane that was asked for last, since files come in heaps from one folder.
struct LatestLane {
    var lane: Lane
    var id: Int64
}

extension Session {
    /// The number of a job's lane; made at first use.
    func lane(of job: Job) throws(QueueError) -> Int64 {
        let lane = Lane(of: job)
        if let latest = names.latestLane, latest.lane == lane { return latest.id }
        var id = try lanes()[lane]
        if id == nil {
            let insert = try statement(.insertLane)
            insert.bind(1, lane.template)
            insert.bind(2, try store(lane.store))
            insert.bind(3, lane.isLarge ? 1 : 0)
            try insert.run()
            names.lanes = nil
            id = try lanes()[lane]
        }
        guard let id else { throw damage("a lane cannot be found after it was stored") }
        names.latestLane = LatestLane(lane: lane, id: id)
        return id
    }

    /// Every lane that a job was ever in, with its number.
    func lanes() throws(QueueError) -> [Lane: Int64] {
        if let known = names.lanes { return known }
        var found: [Lane: Int64] = [:]
        try statement(.selectLanes).each { row in
            let lane = Lane(
                template: row.text(1),
                store: row.text(2),
                isLarge: row.int(3) == 1
            )
            found[lane] = row.int64(0)
        }
        names.lanes = found
        return found
    }

    /// The numbers of the lanes that a filter leaves.
    func lanes(template: String?, store: String?) throws(QueueError) -> [Int64] {
        try lanes().filter { lane, _ in
            lane.template == template ?? lane.template && lane.store == store ?? lane.store
        }.map(\.value)
    }

    /// The lanes that jobs may be taken from now.
    func openLanes(except parked: Set<String>) throws(QueueError) -> [(lane: Lane, id: Int64)] {
        let pauses = try pauses()
        guard !pauses.contains(where: { $0.template == nil }) else { return [] }
        let paused = Set(pauses.compactMap(\.template))
        return try lanes().filter { lane, _ in
            !parked.contains(lane.store) && !paused.contains(lane.template)
        }.map { ($0.key, $0.value) }
    }
}

extension SQL {
    fileprivate static let insertLane = SQL(
        "INSERT INTO lane (template, store, is_large) VALUES (?1, ?2, ?3)"
    )
    fileprivate static let selectLanes = SQL(
        """
        SELECT lane.id, lane.template, store.name, lane.is_large
        FROM lane JOIN store ON store.id = lane.store
        """
    )
}
