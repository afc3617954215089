// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Synchronization

/// Which jobs belong to an upload that somebody waits for, and what became of them.
final class UploadBoard: Sendable {
    private struct Upload {
        var pending: Int
        var results: [UploadResult] = []
        var waiter: Bell
    }

    private struct State {
        var uploads: [Int: Upload] = [:]
        /// Two uploads may wait for one job.
        var owners: [UniqueID: [Int]] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    /// Opens an upload; files are added to it before anybody asks for its progress.
    func open() -> Int {
        state.withLock { state in
            state.last += 1
            // One is held back until `close`, so that the upload is not complete while it is filled.
            state.uploads[state.last] = Upload(pending: 1, waiter: Bell())
            return state.last
        }
    }

    /// Makes an upload wait for a job.
    func add(_ job: UniqueID, to upload: Int) {
        state.withLock { state in
            state.uploads[upload]?.pending += 1
            state.owners[job, default: []].append(upload)
        }
    }

    /// Unties a job that was not queued after all.
    func remove(_ job: UniqueID, from upload: Int) {
        state.withLock { state in
            state.owners[job] = nil
            state.uploads[upload]?.pending -= 1
        }
    }

    /// Adds a result that needs no job.
    func add(_ result: UploadResult, to upload: Int) {
        state.withLock { state in
            state.uploads[upload]?.results.append(result)
            state.uploads[upload]?.waiter.ring()
        }
    }

    /// Says that no more files will be added.
    func close(_ upload: Int) {
        state.withLock { state in
            state.uploads[upload]?.pending -= 1
            state.uploads[upload]?.waiter.ring()
        }
    }

    /// Tells those who wait for a job what became of it.
    func report(_ job: UniqueID, _ result: @autoclosure () -> UploadResult) {
        state.withLock { state in
            guard !state.owners.isEmpty, let owners = state.owners[job] else { return }
            let result = result()
            if !result.isWaiting { state.owners[job] = nil }
            for owner in owners {
                state.uploads[owner]?.results.append(result)
                if !result.isWaiting { state.uploads[owner]?.pending -= 1 }
                state.uploads[owner]?.waiter.ring()
            }
        }
    }

    /// Waits for results after those the caller has; the upload is forgotten with its last ones.
    func progress(of upload: Int, after count: Int) async throws(OperationError) -> UploadProgress {
        while !Task.isCancelled {
            let (progress, bell) = try look(at: upload, after: count)
            if let progress { return progress }
            await bell.wait(atMost: .seconds(60))
        }
        throw OperationError("presignd is stopping; the files stay queued")
    }

    private func look(
        at upload: Int,
        after count: Int
    ) throws(OperationError) -> (UploadProgress?, Bell) {
        let answer: (UploadProgress?, Bell)? = state.withLock { state in
            guard let entry = state.uploads[upload] else { return nil }
            let isComplete = entry.pending == 0
            guard entry.results.count > count || isComplete else { return (nil, entry.waiter) }
            if isComplete { state.uploads[upload] = nil }
            let results = Array(entry.results.dropFirst(count))
            return (UploadProgress(results: results, isComplete: isComplete), entry.waiter)
        }
        guard let answer else {
            throw OperationError(
                "upload \(upload) is not known: the daemon was started anew; "
                    + "the files stay queued, see `presignd jobs` and `presignd links`"
            )
        }
        return answer
    }
}
