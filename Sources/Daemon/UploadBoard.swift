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

    /// Finished uploads whose results are kept until they are asked for.
    private static let keptUploads = 16

    private let state = Mutex(State())

    /// Opens an upload; files are added to it before anybody asks for its progress.
    func open() -> Int {
        state.withLock { state in
            state.last += 1
            // Whoever asked for these has gone.
            let gone = state.uploads.filter { $0.value.pending == 0 }.keys.sorted()
            for upload in gone.dropLast(Self.keptUploads) { state.uploads[upload] = nil }
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

    /// Forgets an upload that could not be filled.
    func abandon(_ upload: Int) {
        state.withLock { state in
            state.uploads[upload] = nil
            for (job, owners) in state.owners {
                let left = owners.filter { $0 != upload }
                state.owners[job] = left.isEmpty ? nil : left
            }
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
    func progress(of upload: Int, after count: Int) async throws -> UploadProgress {
        while !Task.isCancelled {
            let (progress, bell) = try look(at: upload, after: count)
            if let progress { return progress }
            await bell.wait(atMost: .seconds(60))
        }
        throw CancellationError()
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
            let results = Array(entry.results.dropFirst(max(count, 0)))
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
