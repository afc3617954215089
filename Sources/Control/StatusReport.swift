// SPDX-License-Identifier: Apache-2.0

/// Counts, and what is not well.
public struct StatusReport: Hashable, Sendable, Codable {
    /// The process that answers.
    public var pid: Int32
    /// Its version.
    public var version: String
    /// Jobs by state.
    public var jobs: [String: Int]
    /// What needs attention: parked stores, folders that cannot be watched; empty when all is well.
    public var problems: [String]
    /// What may be meant so and is good to know: folders that are polled.
    ///
    /// Absent in answers of older daemons.
    public var notes: [String]?

    /// Makes a report.
    public init(
        pid: Int32,
        version: String,
        jobs: [String: Int],
        problems: [String],
        notes: [String]? = nil
    ) {
        self.pid = pid
        self.version = version
        self.jobs = jobs
        self.problems = problems
        self.notes = notes
    }
}
