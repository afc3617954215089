// SPDX-License-Identifier: Apache-2.0

/// Failures of a step that lie in the file itself, counted apart from outages, which end no job.
public struct FileTries: Hashable, Sendable {
    /// Times that the file could not be read.
    public var reads: Int
    /// Times that the store received other bytes than were sent.
    public var digests: Int

    /// Makes counts.
    public init(reads: Int = 0, digests: Int = 0) {
        self.reads = reads
        self.digests = digests
    }

    /// Both together.
    public var sum: Int { reads + digests }
}
