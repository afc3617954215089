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
    private var troubles: [String: Failure] = [:]
    /// Manifests that cannot be told now, and why.
    var problems: [String] {
        troubles.sorted { $0.key < $1.key }
            .map { "sink \($0.key) cannot be told, its links wait: \($0.value)" }
    }

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
            guard !isRunning else { return }
            isRunning = true
            // Ends by itself when nobody waits any more; everybody in it waits for its end.
            Task { await runRounds() }
        }
    }

    /// Publishes a group in a round of its own.
    ///
    /// - Returns: Nothing once every sink has all of it; otherwise why one has not.
    func publish(_ order: GroupOrder) async -> Failure? {
        await withCheckedContinuation { continuation in
            groups.append((order, continuation))
            guard !isRunning else { return }
            isRunning = true
            Task { await runRounds() }
        }
    }

    /// Tells a manifest of events of the outbox in a round of its own.
    ///
    /// - Returns: Nothing once it has all of them; otherwise why it has none.
    func publish(_ events: [(NoticeRecord, SinkEvent)], to sink: String) async -> Failure? {
        await withCheckedContinuation { continuation in
            notices.append((NoticeOrder(sink: sink, events: events), continuation))
            guard !isRunning else { return }
            isRunning = true
            Task { await runRounds() }
        }
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

    /// Runs one round; says for each arrival why a sink was not told, if one was not.
    private func deliver(_ round: [Arrival]) async -> [Failure?] {
        do {
            let links = round.map(newLink)
            // A link that no sink was told of may be replaced by one that was proven now.
            let deliveries = try await queue.issue(
                links,
                replacing: true,
                superseding: routing
            )
            if let first = links.map(\.link.lateAt).min() { visitPlanned(first) }
            let failures = await tell(deliveries, of: round)
            let all = deliveries.flatMap { $0 }
            // Noted before the others are taken back: an open event keeps its job from ending.
            let told = all.filter { failures[$0.sink] == nil }
            // These wait for no manifest: what they are told by stands in the outbox.
            let others = zip(links, deliveries).filter { $0.1.isEmpty }.map(\.0.job)
                .filter { $0.template.after == .keep }
            try await persist { () throws(QueueError) in
                try await queue.confirm(told, finishing: others, at: WallClock.now())
            }
            // One that overwrites may end the link of what was there.
            if links.contains(where: {
                !$0.notices.isEmpty || $0.job.template.onExists == .overwrite
            }) {
                outboxChanged()
            }
            for name in failures.keys {
                try await persist { () throws(QueueError) in
                    try await takeBack(all.filter { $0.sink == name }, name)
                }
            }
            note(round, failures, told: Set(told.map(\.sink)))
            return deliveries.map { each in each.lazy.compactMap { failures[$0.sink] }.first }
        } catch {
            logger.error("links cannot be published yet: \(error)")
            let failure = Failure(.retry, code: "queue", message: "\(error)")
            return round.map { _ in failure }
        }
    }

    private func newLink(_ arrival: Arrival) -> NewLink {
        let names = arrival.job.template.publish
        let audience = routing.audience(of: .created, among: names)
        return NewLink(
            arrival.link,
            for: arrival.job,
            sinks: audience.lines,
            notices: audience.notices,
            event: UniqueID(at: WallClock.now())
        )
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

    /// Takes back the events of a sink that could not be told, so that they are told anew.
    ///
    /// While it is not certain what the file holds they keep their numbers instead: the sink leaves
    /// out what it finds there.
    func takeBack(_ deliveries: [Delivery], _ name: String) async throws(QueueError) {
        guard let sink = sinks[name], sink.isCertain else { return }
        try await queue.withdraw(deliveries, shown: sink.shownSequence)
        // The file may have been replaced by one that is further on.
        if let last = sink.lastSequence { try await queue.raiseSequence(of: name, to: last) }
    }

    /// Appends to each sink what it was not told yet, in the order of the sequence numbers.
    ///
    /// - Returns: The sinks that could not be told, and why.
    private func tell(
        _ deliveries: [[Delivery]],
        of round: [Arrival]
    ) async -> [String: Failure] {
        var events: [String: [SinkEvent]] = [:]
        var failures: [String: Failure] = [:]
        for (arrival, deliveries) in zip(round, deliveries) {
            for delivery in deliveries where !delivery.isDelivered {
                do throws(Failure) {
                    guard let link = delivery.link else { continue }
                    let isSame = link == arrival.link
                    let url = isSame ? arrival.url : try await arrival.sign(link)
                    let event = LinkEvent(delivery, bucket: arrival.bucket, url: url)
                    if let event { events[delivery.sink, default: []].append(.link(event)) }
                } catch {
                    failures[delivery.sink] = error
                }
            }
        }
        for (name, events) in events where failures[name] == nil {
            do throws(PublishError) {
                try sinks[name]?.deliver(events.sorted { $0.sequence < $1.sequence })
            } catch {
                failures[name] = error.failure
            }
        }
        return failures
    }

    /// One line a round: a line a file would cost more than the manifest's.
    private func note(_ round: [Arrival], _ failures: [String: Failure], told: Set<String>) {
        for (name, failure) in failures { noteTrouble(of: name, failure) }
        for name in told { noteRecovery(of: name) }
        guard failures.isEmpty, let last = round.last else { return }
        logger.info(
            "links published",
            metadata: ["count": "\(round.count)", "last": "\(last.job.file.name)"]
        )
    }

    /// Says that a sink can be told again, if it could not.
    func noteRecovery(of name: String) {
        guard let trouble = troubles.removeValue(forKey: name) else { return }
        logger.notice("sink \(name) can be told again")
        // What waited for it need not wait for its own time.
        Task { [queue, jobsDue, logger] in
            do {
                let waiting = JobFilter(state: .waiting, problem: trouble.code)
                _ = try await queue.retry(waiting, at: WallClock.now())
                jobsDue()
            } catch {
                logger.warning("what waited for sink \(name) goes on later: \(error)")
            }
        }
    }

    /// Says once why a sink cannot be told, until it can be or the reason is another.
    func noteTrouble(of name: String, _ failure: Failure) {
        guard troubles.updateValue(failure, forKey: name)?.code != failure.code else { return }
        logger.error("sink \(name) cannot be told: \(failure)")
    }
}
