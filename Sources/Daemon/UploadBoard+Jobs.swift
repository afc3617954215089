// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Synchronization
import Transfer

/// What intake and pipeline tell the board.
extension UploadBoard {
    /// Makes an upload wait for a job.
    func add(_ job: Job, to upload: Int) {
        add(job.id, size: job.file.stamp.size, isStored: job.step != .upload, to: upload)
    }

    /// Makes an upload wait for a job of so many bytes.
    func add(_ job: UniqueID, size: Int64 = 0, isStored: Bool = false, to upload: Int) {
        state.withLock { state in
            var file = state.files[job] ?? File(size: size, isStored: isStored)
            file.owners.append(upload)
            state.files[job] = file
            state.uploads[upload]?.pending += 1
            state.uploads[upload]?.total += file.size
            if file.isStored { state.uploads[upload]?.stored += file.size }
            if file.isWaiting { state.uploads[upload]?.waiting += 1 }
        }
    }

    /// Unties a job that was not queued after all.
    func remove(_ job: UniqueID, from upload: Int) {
        state.withLock { state in
            guard let file = state.files.removeValue(forKey: job) else { return }
            state.uploads[upload]?.pending -= 1
            state.uploads[upload]?.total -= file.size
        }
    }

    /// Notes that a job's bytes begin to move.
    ///
    /// - Returns: The counter that the upload writes and whoever waits reads.
    func begin(_ job: UniqueID, _ file: SettledFile) -> SentBytes {
        let sent = SentBytes()
        state.withLock { state in
            state.begun += 1
            state.motions[job] = Motion(
                name: file.name,
                size: file.stamp.size,
                sent: sent,
                number: state.begun
            )
            state.setWaiting(job, false)
        }
        return sent
    }

    /// Notes that a job's bytes move no more.
    func end(_ job: UniqueID, isStored: Bool) {
        state.withLock { state in
            state.motions[job] = nil
            if isStored { state.store(job) }
        }
    }

    /// Tells those who wait for a job what became of it.
    func report(_ job: UniqueID, _ result: @autoclosure () -> UploadResult) {
        state.withLock { state in
            guard let file = state.files[job] else { return }
            let result = result()
            state.setWaiting(job, result.isWaiting)
            if !result.isWaiting { state.finish(job, hasLink: result.url != nil) }
            for owner in file.owners { state.tell(result, owner) }
        }
    }
}
