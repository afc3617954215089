// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Claimed jobs that wait for a place, in the order they were claimed.
///
/// Those that need places of one kind form a line of their own, so that they do not hold up the
/// others; and so that nobody looks at sixty waiting jobs each time a place is free.
struct ReadyJobs {
    private var large: ArraySlice<Job> = []
    private var small: ArraySlice<Job> = []
    private var publishing: ArraySlice<Job> = []

    /// How many wait.
    var count: Int { large.count + small.count + publishing.count }

    /// How many wait that large files do not hold up.
    var brief: Int { small.count + publishing.count }

    /// Adds jobs at the end.
    mutating func add(_ jobs: [Job]) {
        for job in jobs {
            switch job.step {
            case .upload where TransferPlaces.isLarge(job.file.stamp.size): large.append(job)
            case .upload: small.append(job)
            case .publish: publishing.append(job)
            }
        }
    }

    /// Takes out the next job that gets a place.
    ///
    /// - Parameter takePlace: Takes a place for a job, if there is one.
    /// - Returns: The job, or nothing when none may start.
    mutating func next(_ takePlace: (Job) -> Bool) -> Job? {
        Self.next(in: &publishing, takePlace) ?? Self.next(in: &large, takePlace)
            ?? Self.next(in: &small, takePlace)
    }

    private static func next(
        in line: inout ArraySlice<Job>,
        _ takePlace: (Job) -> Bool
    ) -> Job? {
        guard let job = line.first, takePlace(job) else { return nil }
        return line.removeFirst()
    }

    /// The ids of all that wait.
    var ids: [UniqueID] { (publishing + large + small).map(\.id) }
}
