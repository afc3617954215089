// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// How due jobs are shared out between templates that all have work.
public struct ClaimShares: Hashable, Sendable {
    /// How many small files are wanted ready, over all templates; each with work gets one at least.
    public var small: Int
    /// How many large ones.
    public var large: Int
    /// How many are ready already, by lane.
    public var ready: [Lane: Int]
    /// Order and weight of templates, where they are not as usual.
    public var rules: [String: Queueing]

    /// Makes shares.
    public init(
        small: Int,
        large: Int,
        ready: [Lane: Int] = [:],
        rules: [String: Queueing] = [:]
    ) {
        self.small = small
        self.large = large
        self.ready = ready
        self.rules = rules
    }
}

/// Jobs that were handed out.
public struct Claim: Hashable, Sendable {
    /// The jobs, with their receipts once they are uploaded.
    public var jobs: [Job] = []
    /// The lanes that have more than their share, and how many of theirs are ready now.
    public var unfinished: [Lane: Int] = [:]

    /// Makes a claim of nothing.
    public init() {}
}
