// SPDX-License-Identifier: Apache-2.0
public import Jobs
public import Objects

/// What is decided about an upload before anything is sent.
extension Uploader {
    /// Into which parts a file is cut; nothing when it is sent whole.
    public func parts(of job: Job) -> PartPlan? {
        let size = job.file.stamp.size
        guard size >= parts.threshold else { return nil }
        return place.dialect.parts(of: size, smallest: parts.size)
    }

    /// Why the store would not take a file, if it is too large.
    public func obstacle(to job: Job) -> Failure? {
        let dialect = place.dialect
        let size = job.file.stamp.size
        let fits =
            parts(of: job).map {
                $0.partSize <= dialect.largestPart && size <= dialect.largestObject
            }
            ?? (size <= dialect.largestPut)
        return fits ? nil : .tooLarge(job, place)
    }
}
