// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension Queue {
    /// Jobs that match a filter, newest first.
    public func jobs(
        _ filter: JobFilter = JobFilter(),
        limit: Int = 100
    ) async throws(QueueError) -> [JobRecord] {
        try await perform { (session) throws(QueueError) in
            try session.records(filter, limit: limit)
        }
    }

    /// What is known of the file at an absolute path, under each template that ever watched a
    /// folder above it.
    ///
    /// - Parameters:
    ///   - path: The bytes of the path, without `.` and `..`.
    ///   - limit: The most jobs to show a template.
    /// - Returns: A story for each template that knows the file; none when nothing is known.
    /// - Throws: `QueueError`.
    public func story(
        of path: [UInt8],
        limit: Int = 20
    ) async throws(QueueError) -> [FileStory] {
        try await perform { (session) throws(QueueError) in
            try session.stories(of: path, limit: limit)
        }
    }

    /// Makes dead jobs wait anew with no try counted, and waiting ones due at once.
    ///
    /// - Returns: How many jobs that were.
    public func retry(
        _ filter: JobFilter = JobFilter(),
        at now: Timestamp
    ) async throws(QueueError) -> Int {
        try await perform { (session) throws(QueueError) in
            try session.retry(filter, at: now)
        }
    }

    /// Why jobs are dead: the most frequent codes, each with its number of jobs; the cost is that of
    /// the dead jobs.
    public func deadCodes(limit: Int = 10) async throws(QueueError) -> [(code: String, jobs: Int)] {
        try await perform { (session) throws(QueueError) in try session.deadCodes(limit: limit) }
    }

    /// How many jobs there are in each state; the cost does not depend on how many they are.
    public func counts() async throws(QueueError) -> JobCounts {
        try await perform { (session) throws(QueueError) in try session.counts() }
    }
}
