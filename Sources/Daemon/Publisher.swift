// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Publish
import Queue

/// Tells the sinks of links, in rounds: what arrives while a round runs makes up the next.
///
/// A round is: give each event its sequence number (one transaction), append the lines of each sink
/// in their order, make them durable, note what is delivered (one transaction). Rounds never
/// overlap, so a manifest's numbers only rise. A sink that fails keeps no other from its events: its
/// own are taken back, and their jobs come again under new numbers.
actor Publisher {
    /// A link that is ready to be told.
    struct Arrival: Sendable {
        var job: Job
        var link: Link
        var url: SignedURL
        var bucket: String
        /// Makes the URL of an earlier form of the link, which another sink was told already.
        var sign: @Sendable (Link) async throws(Failure) -> SignedURL
    }

    let queue: Queue
    let sinks: [String: ManifestSink]
    let routing: SinkRouting
    /// Hears that there is something new in the outbox.
    let outboxChanged: @Sendable () -> Void
    /// Hears when the first of new links is to be visited.
    let visitPlanned: @Sendable (Timestamp) -> Void
    /// Hears that jobs are due that waited for a manifest.
    let jobsDue: @Sendable () -> Void
    let logger: Logger
    private var groups: [(GroupOrder, CheckedContinuation<Failure?, Never>)] = []
    private var arrivals: [(Arrival, CheckedContinuation<Failure?, Never>)] = []
    private var notices: [(NoticeOrder, CheckedContinuation<Failure?, Never>)] = []
    private var isRunning = false
    private var isStopping = false
    /// The manifests that could not be told lately, and why.
    var troubles: [String: Failure] = [:]

    init(
        queue: Queue,
        sinks: [String: ManifestSink],
        routing: SinkRouting,
        outboxChanged: @escaping @Sendable () -> Void = {},
        visitPlanned: @escaping @Sendable (Timestamp) -> Void = { _ in },
        jobsDue: @escaping @Sendable () -> Void = {},
        logger: Logger
    ) {
        self.queue = queue
        self.sinks = sinks
        self.routing = routing
        self.outboxChanged = outboxChanged
        self.visitPlanned = visitPlanned
        self.jobsDue = jobsDue
        self.logger = logger
    }

    /// Tells the job's sinks, and ends a job that keeps its source.
    ///
    /// - Returns: Nothing once every sink has the link durably; otherwise why one has not.
    func publish(_ arrival: Arrival) async -> Failure? {
        if let missing = routing.missing(among: arrival.job.template.publish) {
            return Failure(
                .hold,
                code: "no-sink",
                message: "sink \(missing) is not in the configuration any more; "
                    + "put it back, and the link is told"
            )
        }
        return await withCheckedContinuation { continuation in
            arrivals.append((arrival, continuation))
            beginRounds()
        }
    }

    /// Publishes a group in a round of its own.
    ///
    /// - Returns: Nothing once every sink has all of it; otherwise why one has not.
    func publish(_ order: GroupOrder) async -> Failure? {
        await withCheckedContinuation { continuation in
            groups.append((order, continuation))
            beginRounds()
        }
    }

    /// Tells a manifest of events of the outbox in a round of its own.
    ///
    /// - Returns: Nothing once it has all of them; otherwise why it has none.
    func publish(_ events: [(NoticeRecord, SinkEvent)], to sink: String) async -> Failure? {
        await withCheckedContinuation { continuation in
            notices.append((NoticeOrder(sink: sink, events: events), continuation))
            beginRounds()
        }
    }

    private func beginRounds() {
        guard !isRunning else { return }
        isRunning = true
        // Ends by itself when nobody waits any more; everybody in it waits for its end.
        Task { await runRounds() }
    }

    private func runRounds() async {
        while !arrivals.isEmpty || !groups.isEmpty || !notices.isEmpty {
            if !groups.isEmpty {
                let (order, continuation) = groups.removeFirst()
                continuation.resume(returning: await deliver(order))
            }
            if !notices.isEmpty {
                let (order, continuation) = notices.removeFirst()
                continuation.resume(returning: await deliver(order))
            }
            guard !arrivals.isEmpty else { continue }
            let round = arrivals
            arrivals = []
            let failures = await deliver(round.map(\.0))
            for ((_, continuation), failure) in zip(round, failures) {
                continuation.resume(returning: failure)
            }
        }
        isRunning = false
    }

    /// Lets a round end that waits for the queue: the next start finds in the manifest what was told.
    func stop() { isStopping = true }

    /// Writes to the queue, again and again while its trouble may pass (a full disk): what was told
    /// and is not noted would be told twice, and what was not, under numbers that are past.
    func persist(_ write: () async throws(QueueError) -> Void) async throws(QueueError) {
        var isTold = false
        while true {
            do throws(QueueError) {
                return try await write()
            } catch {
                guard error.mayPass, !isStopping else { throw error }
                if !isTold, !queue.isDiskFull {
                    logger.error("links are told, but it cannot be noted yet: \(error)")
                }
                isTold = true
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
