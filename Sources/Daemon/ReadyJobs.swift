// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

/// Claimed jobs that wait for a place, each lane in the order it was claimed.
///
/// Those that need places of one kind form lines of their own, so that they do not hold up the
/// others; and so that nobody looks at sixty waiting jobs each time a place is free.
struct ReadyJobs {
    private var uploads: [Lane: ArraySlice<Job>] = [:]
    private var publishing: ArraySlice<Job> = []
    /// How many wait of each lane, whatever their step.
    private(set) var counts: [Lane: Int] = [:]

    /// How many wait.
    var count: Int { counts.values.reduce(0, +) }

    /// Adds jobs at the end.
    mutating func add(_ jobs: [Job]) {
        for job in jobs {
            let lane = Lane(of: job)
            counts[lane, default: 0] += 1
            switch job.step {
            case .upload: uploads[lane, default: []].append(job)
            case .publish: publishing.append(job)
            }
        }
    }

    /// Takes out the next job that gets a place: one that only has to be told, or one of the template
    /// that has least of its share.
    ///
    /// - Parameters:
    ///   - taken: How many places the templates have.
    ///   - rules: Order and weight of templates, where they are not as usual.
    ///   - takePlace: Takes a place for a job, if there is one.
    /// - Returns: The job, or nothing when none may start.
    mutating func next(
        taken: [String: Int] = [:],
        rules: [String: Queueing] = [:],
        _ takePlace: (Job) -> Bool
    ) -> Job? {
        if let job = publishing.first, takePlace(job) {
            return remove(publishing.removeFirst())
        }
        let heads = uploads.values.compactMap(\.first).map { job in
            let rule = rules[job.template.name] ?? Queueing()
            let share = Double(taken[job.template.name] ?? 0) / Double(rule.weight)
            return Head(job: job, order: rule.order, share: share)
        }
        for head in heads.sorted() where takePlace(head.job) {
            let lane = Lane(of: head.job)
            uploads[lane]?.removeFirst()
            if uploads[lane]?.isEmpty == true { uploads[lane] = nil }
            return remove(head.job)
        }
        return nil
    }

    private mutating func remove(_ job: Job) -> Job {
        let lane = Lane(of: job)
        counts[lane, default: 0] -= 1
        if counts[lane] == 0 { counts[lane] = nil }
        return job
    }

    /// Takes out all that wait.
    mutating func removeAll() -> [UniqueID] {
        defer { self = ReadyJobs() }
        return (publishing + uploads.values.joined()).map(\.id)
    }

    /// The first of a lane, as it stands beside the first of the others.
    private struct Head: Comparable {
        var job: Job
        var order: QueueOrder
        /// Places of its template for each of its weight.
        var share: Double

        static func < (one: Head, other: Head) -> Bool {
            if one.share != other.share { return one.share < other.share }
            let isOne = one.job.template.name == other.job.template.name
            switch isOne ? one.order : .oldest {
            case .oldest: return one.job.id < other.job.id
            case .newest: return one.job.id > other.job.id
            case .smallest: return one.job.file.stamp.size < other.job.file.stamp.size
            }
        }
    }
}
