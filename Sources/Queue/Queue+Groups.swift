// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension Queue {
    /// The groups about which there is something to do, oldest first.
    public func openGroups() async throws(QueueError) -> [OpenGroup] {
        try await perform { (session) throws(QueueError) in try session.openGroups() }
    }

    /// How far the members of a group have come that are not published.
    public func standing(of group: UniqueID) async throws(QueueError) -> GroupStanding {
        try await perform { (session) throws(QueueError) in try session.standing(of: group) }
    }

    /// The members of a group that are to be published, in the order they were queued.
    ///
    /// - Parameters:
    ///   - group: The group.
    ///   - id: Only those after this one.
    ///   - limit: The most to read.
    /// - Returns: The jobs, with their receipts: of a revision that was begun those which not every
    ///   sink is known to have, else those that are uploaded.
    /// - Throws: `QueueError`.
    public func members(
        of group: OpenGroup,
        after id: UniqueID?,
        limit: Int
    ) async throws(QueueError) -> [Job] {
        try await perform { (session) throws(QueueError) in
            try session.members(of: group, after: id, limit: limit)
        }
    }

    /// Publishes a group: stores the links, an event of each for every sink of its template, and after
    /// these the event of the group, in one transaction.
    ///
    /// A revision that was begun before is gone on with: what sinks have keeps its number.
    ///
    /// - Parameters:
    ///   - group: The group as it was read.
    ///   - links: A link for each of `members(of:)`.
    ///   - isWhole: Whether every member must be among them, none still to be uploaded, and none have
    ///     been added since the group was read.
    ///   - routing: Who is told of what.
    ///   - now: The present moment.
    /// - Returns: The manifests, each of which has lines to be delivered, or nothing when the group is not as it was; then nothing is changed.
    /// - Throws: `QueueError`; nothing is changed then.
    public func publish(
        _ group: OpenGroup,
        links: [Link],
        isWhole: Bool,
        routing: SinkRouting,
        at now: Timestamp
    ) async throws(QueueError) -> [String]? {
        try await perform { (session) throws(QueueError) in
            try session.publish(group, links, isWhole: isWhole, routing, at: now)
        }
    }

    /// Notes with members why their group cannot be published, for people; nothing else is changed.
    public func note(
        _ failure: Failure,
        on members: [UniqueID]
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            for id in members { try session.note(failure, onMember: id) }
        }
    }

    /// Lets groups wait from now on that wait from a moment to come, once the clock was set back.
    public func heedClock(at now: Timestamp) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            let update = try session.statement(.heedClock)
            update.bind(1, now)
            try update.run()
        }
    }
}

extension SQL {
    fileprivate static let heedClock = SQL(
        """
        UPDATE batch SET changed_at = min(changed_at, ?1), opened_at = min(opened_at, ?1)
        WHERE state > 0
        """
    )
}
