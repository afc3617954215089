// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue

/// Tells stores to forget uploads that nobody will finish, again and again until they confirm it.
final class UploadSweeper: Sendable {
    /// Uploads of one store that are aborted in one round.
    private static let roundSize = 16
    /// The pause after the first failure; it doubles up to a day.
    private static let firstPause = Span.seconds(10)

    private let queue: Queue
    private let stores: StoreTable
    private let gate: StoreGate
    private let logger: Logger
    private let bell = Bell()

    init(queue: Queue, stores: StoreTable, gate: StoreGate, logger: Logger) {
        self.queue = queue
        self.stores = stores
        self.gate = gate
        self.logger = logger
    }

    /// Looks soon: a job that had an upload may have ended.
    func wake() { bell.ring() }

    /// Sweeps until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let isClean = await sweep()
            // Whatever makes an upload stale rings; a look every ten minutes is for what forgot to.
            await bell.wait(atMost: isClean ? .seconds(600) : Self.firstPause)
        }
    }

    /// Goes through what is due once; says whether nothing is left at all.
    func sweep() async -> Bool {
        do {
            while !Task.isCancelled {
                let parked = gate.closed(at: WallClock.now()).parked
                let due = try await queue.staleUploads(
                    Self.roundSize,
                    at: WallClock.now(),
                    except: parked
                )
                guard !due.isEmpty else { return try await queue.hasNoStaleUploads() }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for upload in due { group.addTask { try await self.remove(upload) } }
                    try await group.waitForAll()
                }
            }
        } catch {
            logger.error("unfinished uploads cannot be looked up: \(error)")
        }
        return false
    }

    private func remove(_ upload: StaleUpload) async throws(QueueError) {
        // The store is not in the configuration any more: nobody can ask it.
        guard let store = stores[upload.store] else { return try await postpone(upload, nil) }
        if let id = upload.id {
            if let failure = await store.remove(upload.key, upload: id) {
                return try await postpone(upload, failure)
            }
            return try await queue.removeStale(upload)
        }
        // Under a key without an id of ours others may be uploading too.
        guard upload.key.holdsUniqueID else {
            warn(of: upload, "whose key may be used by others too.")
            return try await queue.removeStale(upload)
        }
        let found: [String]?
        do throws(Failure) {
            found = try await store.uploads(of: upload.key)
        } catch  where error.advice == .parkStore || error.advice == .giveUp {
            warn(of: upload, "which does not let presignd look: \(error.message)")
            return try await queue.removeStale(upload)
        } catch {
            return try await postpone(upload, error)
        }
        guard let found else {
            warn(of: upload, "which does not list uploads under such a key.")
            return try await queue.removeStale(upload)
        }
        // Asked after the store was: one that began since is not in its list.
        let live = try await queue.liveUploads(of: upload.key, store: upload.store)
        // One of them is just beginning; what the store lists might be that very one.
        guard let live else { return try await wait(upload) }
        for id in found where !live.contains(id) {
            if let failure = await store.remove(upload.key, upload: id) {
                return try await postpone(upload, failure)
            }
        }
        try await queue.removeStale(upload)
    }

    private func warn(of upload: StaleUpload, _ why: String) {
        logger.warning(
            """
            an unfinished upload of \(upload.key) may have stayed in store \(upload.store), \(why) \
            Give the bucket a lifecycle rule that aborts incomplete multipart uploads.
            """
        )
    }

    private func wait(_ upload: StaleUpload) async throws(QueueError) {
        try await queue.postponeStale(upload, until: WallClock.now() + Self.firstPause)
    }

    private func postpone(_ upload: StaleUpload, _ failure: Failure?) async throws(QueueError) {
        if let failure {
            logger.warning("an unfinished upload of \(upload.key) stays for now: \(failure)")
        }
        let doublings = min(upload.attempts, 11)
        let pause = Span(nanoseconds: Self.firstPause.nanoseconds << Int64(doublings))
        try await queue.postponeStale(
            upload,
            until: WallClock.now() + min(pause, .seconds(86_400))
        )
    }
}
