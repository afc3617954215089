// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Claimed jobs that wait for a place, in the order they were claimed.
///
/// Those that have to move bytes form a line of their own, so that they do not hold up the others,
/// which need no such place; and so that nobody looks at sixty waiting jobs each time a place is free.
struct ReadyJobs {
    private var uploads: ArraySlice<Job> = []
    private var others: ArraySlice<Job> = []

    /// How many wait.
    var count: Int { uploads.count + others.count }

    /// Adds jobs at the end.
    mutating func add(_ jobs: [Job]) {
        for job in jobs {
            if job.step == .upload { uploads.append(job) } else { others.append(job) }
        }
    }

    /// Takes out the next job that gets a place.
    ///
    /// - Parameter takePlace: Takes a place for a job at this step, if there is one.
    /// - Returns: The job, or nothing when none may start.
    mutating func next(_ takePlace: (Step) -> Bool) -> Job? {
        if let job = others.first, takePlace(job.step) { return others.removeFirst() }
        if let job = uploads.first, takePlace(job.step) { return uploads.removeFirst() }
        return nil
    }

    /// The ids of all that wait.
    var ids: [UniqueID] { (others + uploads).map(\.id) }
}
