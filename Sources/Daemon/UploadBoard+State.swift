// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Transfer

extension UploadBoard {
    /// A job that somebody waits for.
    struct File {
        /// Its uploads; two may wait for one job.
        var owners: [Int] = []
        var size: Int64
        var isStored: Bool
        var isWaiting = false
    }

    /// A file whose bytes move, whoever waits for it.
    struct Motion {
        var name: FileName
        var size: Int64
        var sent: SentBytes
        var number: Int
    }

    struct State {
        var uploads: [Int: Upload] = [:]
        var files: [UniqueID: File] = [:]
        var motions: [UniqueID: Motion] = [:]
        /// The latest upload.
        var last = 0
        /// How many motions have begun.
        var begun = 0
    }
}

extension UploadBoard.State {
    /// Adds a result to an upload.
    mutating func tell(_ result: UploadResult, _ upload: Int) {
        uploads[upload]?.results.append(result)
        uploads[upload]?.waiter.ring()
    }

    mutating func setWaiting(_ job: UniqueID, _ isWaiting: Bool) {
        guard let file = files[job], file.isWaiting != isWaiting else { return }
        files[job]?.isWaiting = isWaiting
        for owner in file.owners { uploads[owner]?.waiting += isWaiting ? 1 : -1 }
    }

    /// Notes that a job's bytes are whole in the store.
    mutating func store(_ job: UniqueID) {
        guard let file = files[job], !file.isStored else { return }
        files[job]?.isStored = true
        for owner in file.owners { uploads[owner]?.stored += file.size }
    }

    /// Ends a file; what failed for good has nothing more to be sent.
    mutating func finish(_ job: UniqueID, hasLink: Bool) {
        if hasLink { store(job) }
        guard let file = files.removeValue(forKey: job) else { return }
        for owner in file.owners {
            uploads[owner]?.pending -= 1
            if hasLink { continue }
            uploads[owner]?.total -= file.size
            if file.isStored { uploads[owner]?.stored -= file.size }
        }
    }

    func progress(
        of entry: UploadBoard.Upload,
        _ upload: Int,
        after count: Int
    ) -> UploadProgress {
        let mine = motions.lazy.filter { files[$0.key]?.owners.contains(upload) == true }
        let moving = mine.map(\.value).sorted { $0.number < $1.number }.map { motion in
            // Read while it is written, so it may be ahead for a moment.
            FileInMotion(
                path: "\(motion.name)",
                size: motion.size,
                sent: min(max(motion.sent.count, 0), motion.size)
            )
        }
        return UploadProgress(
            results: Array(entry.results.dropFirst(max(count, 0))),
            isComplete: entry.pending == 0,
            total: entry.total,
            bytes: entry.stored + moving.reduce(0) { $0 + $1.sent },
            waiting: entry.waiting,
            moving: moving
        )
    }
}
