// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Synchronization

/// Which jobs belong to an upload that somebody waits for, how far they are, and what became of them.
///
/// Nothing here wakes up by itself: who waits says for how long at most.
final class UploadBoard: Sendable {
    /// An upload: what came of its files, and sums over them (a file named twice counts twice).
    struct Upload {
        /// Files that have not ended.
        var pending: Int
        var results: [UploadResult] = []
        var waiter = Bell()
        /// Bytes to be sent.
        var total: Int64 = 0
        /// Bytes of those files that are whole in the store.
        var stored: Int64 = 0
        /// Files that wait after trouble.
        var waiting = 0
    }

    /// Finished uploads whose results are kept until they are asked for.
    private static let keptUploads = 16
    /// Milliseconds that a caller may ask for: oftener would cost more than it shows.
    private static let intervals = 50...60_000

    let state = Mutex(State())

    /// Opens an upload; files are added to it before anybody asks for its progress.
    func open() -> Int {
        state.withLock { state in
            state.last += 1
            // Whoever asked for these has gone.
            let gone = state.uploads.filter { $0.value.pending == 0 }.keys.sorted()
            for upload in gone.dropLast(Self.keptUploads) { state.uploads[upload] = nil }
            // One is held back until `close`, so that the upload is not complete while it is filled.
            state.uploads[state.last] = Upload(pending: 1)
            return state.last
        }
    }

    /// Adds a result that needs no job.
    func add(_ result: UploadResult, to upload: Int) {
        state.withLock { $0.tell(result, upload) }
    }

    /// Forgets an upload that could not be filled.
    func abandon(_ upload: Int) {
        state.withLock { state in
            state.uploads[upload] = nil
            for (job, file) in state.files {
                let left = file.owners.filter { $0 != upload }
                state.files[job]?.owners = left
                if left.isEmpty { state.files[job] = nil }
            }
        }
    }

    /// Says that all files of an upload were added.
    func close(_ upload: Int) {
        state.withLock { state in
            state.uploads[upload]?.pending -= 1
            state.uploads[upload]?.waiter.ring()
        }
    }

    /// Waits for results after those the caller has; the upload is forgotten with its last ones.
    ///
    /// - Parameters:
    ///   - upload: The number on the ticket.
    ///   - count: How many results the caller has.
    ///   - interval: Milliseconds after which it is answered though there is no result.
    /// - Returns: The results, and how far the bytes are.
    /// - Throws: `OperationError` where the upload is not known; `CancellationError`.
    func progress(
        of upload: Int,
        after count: Int,
        interval: Int? = nil
    ) async throws -> UploadProgress {
        let limit = interval.map {
            min(max($0, Self.intervals.lowerBound), Self.intervals.upperBound)
        }
        var hasWaited = false
        while !Task.isCancelled {
            let (progress, bell) = try look(at: upload, after: count)
            let isNews = !progress.results.isEmpty || progress.isComplete
            if isNews || (limit != nil && hasWaited) { return progress }
            await bell.wait(atMost: limit.map { .milliseconds(Int64($0)) } ?? .seconds(60))
            hasWaited = true
        }
        throw CancellationError()
    }

    private func look(
        at upload: Int,
        after count: Int
    ) throws(OperationError) -> (UploadProgress, Bell) {
        let answer: (UploadProgress, Bell)? = state.withLock { state in
            guard let entry = state.uploads[upload] else { return nil }
            let progress = state.progress(of: entry, upload, after: count)
            if progress.isComplete { state.uploads[upload] = nil }
            return (progress, entry.waiter)
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
