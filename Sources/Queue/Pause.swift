// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Why the jobs of a template, or all jobs, are not handed out.
public struct Pause: Hashable, Sendable {
    /// Who paused.
    public enum Reason: Int, Hashable, Sendable {
        /// A person did.
        case person = 0
        /// More files came at once than are sent unasked.
        case brake = 1
    }

    /// The template, or nothing for all.
    public var template: String?
    /// Who paused.
    public var reason: Reason
    /// Since when.
    public var since: Timestamp
    /// How many files came, if it was the brake.
    public var files: Int
    /// How many bytes these have.
    public var bytes: Int64

    /// Makes a pause.
    public init(
        template: String?,
        reason: Reason,
        since: Timestamp,
        files: Int = 0,
        bytes: Int64 = 0
    ) {
        self.template = template
        self.reason = reason
        self.since = since
        self.files = files
        self.bytes = bytes
    }
}

/// What a person pauses or resumes.
public enum PauseTarget: Hashable, Sendable {
    /// All jobs.
    case everything
    /// All jobs of a template.
    case template(String)
    /// One job.
    case job(UniqueID)
}
