// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Synchronization

extension ObjectFolder {
    /// What came of a removal.
    enum Removal: Hashable, Sendable {
        /// There is no such object now, and there was one.
        case removed
        /// There was none.
        case wasGone
        /// There is one that is not meant.
        case refused
    }

    /// Removes an object for good; with a condition only one of which it is true, and whatever takes its
    /// place meanwhile stays.
    func remove(_ key: ObjectKey, if condition: Conditions? = nil) throws(FileProblem) -> Removal {
        let place = Self.place(of: key)
        var isRefused = false
        let unlink = { () throws(FileProblem) -> Bool in
            try self.change.withLock { (_) throws(FileProblem) in
                if let condition, let record = try self.open(key)?.record {
                    let verdict = condition.verdict(etag: record.etag, modified: record.modified)
                    isRefused = verdict != .proceed
                    if isRefused { return false }
                }
                if unsafe unlinkat(self.objects.descriptor, place, 0) == 0 { return true }
                guard errno == ENOENT else {
                    throw .last("remove", "\(self.path)/objects/\(place)")
                }
                return false
            }
        }
        let isRemoved: Bool
        if let quota {
            isRemoved = try quota.replace(added: 0, removed: { fileSize(place) }, by: unlink)
        } else {
            isRemoved = try unlink()
        }
        if isRemoved { try synchronizeFolder(of: place) }
        return isRemoved ? .removed : isRefused ? .refused : .wasGone
    }
}
