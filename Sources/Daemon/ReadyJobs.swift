// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Claimed jobs that wait for a place, in the order they were claimed.
///
/// Those that have to move bytes form a line of their own, so that they do not hold up the others,
/// which need no such place; and so that nobody looks at sixty waiting jobs each time a place is free.
struct ReadyJobs {
    private var uploads: ArraySlice<Job> = []
    private var publishing: ArraySlice<Job> = []

    /// How many wait.
    var count: Int { uploads.count + publishing.count }

    /// Adds jobs at the end.
    mutating func add(_ jobs: [Job]) {
        for job in jobs {
            switch job.step {
            case .upload: uploads.append(job)
            case .publish: publishing.append(job)
            }
        }
    }

    /// Takes out the next job that gets a place.
    ///
    /// - Parameter takePlace: Takes a place for a job at this step, if there is one.
    /// - Returns: The job, or nothing when none may start.
    mutating func next(_ takePlace: (Step) -> Bool) -> Job? {
        if !publishing.isEmpty, takePlace(.publish) { return publishing.removeFirst() }
        if !uploads.isEmpty, takePlace(.upload) { return uploads.removeFirst() }
        return nil
    }

    /// The ids of all that wait.
    var ids: [UniqueID] { (publishing + uploads).map(\.id) }
}
