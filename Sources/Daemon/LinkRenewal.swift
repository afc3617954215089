// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

/// Gives a link its next revision: signed and proven now, and told from the outbox.
struct LinkRenewal: Sendable {
    /// What came of it.
    enum Outcome: Sendable {
        /// The link has this revision now, and its sinks will be told.
        case renewed(Link)
        /// Its object is not in the store any more, so it has ended.
        case gone
        /// Somebody else renewed or ended it meanwhile, or a person ordered something.
        case outrun
        /// It could not be renewed, and is as it was.
        case failed(Failure)
    }

    let queue: Queue
    let stores: StoreTable
    let routing: SinkRouting
    /// The template of a name as it is in force.
    let template: @Sendable (String) -> Template?
    /// The stores of templates in force that renew links.
    var storesThatRenew: @Sendable () -> Set<String> = { [] }
    /// Hears that there is something new in the outbox.
    var outboxChanged: @Sendable () -> Void = {}
    var now: @Sendable () -> Timestamp = WallClock.now

    /// Renews a link, whatever its template says of renewing.
    ///
    /// How long the new revision works and whether it is fetched first is as the template in force has
    /// it. The object, and the sinks that are told, are those of the job.
    ///
    /// - Parameters:
    ///   - link: The newest revision.
    ///   - job: Its job, with the receipt.
    ///   - visit: The visit that it comes of, if it comes of one.
    ///   - sink: A sink that is told of it though it did not ask for renewals: it gets the link that
    ///     it was not told of in time.
    /// - Returns: What came of it; it is stored.
    func renew(
        _ link: Link,
        of job: Job,
        after visit: LinkVisit? = nil,
        alsoTelling sink: String? = nil
    ) async -> Outcome {
        guard let store = stores[job.template.store], let receipt = job.receipt else {
            return .failed(Pipeline.storeIsGone(job))
        }
        do throws(Failure) {
            let made = try await store.provenLink(
                for: asInForce(job),
                receipt,
                revision: link.revision + 1
            )
            // Who asks otherwise has a sink that is told of no link while too little of it is left.
            if visit != nil { try Self.requireGain(made.0, over: link, of: job) }
            var change = change(link, of: job, .renewed(made.0, moved: nil), .renewed, visit)
            if let sink, !change.sinks.contains(sink) { change.sinks.append(sink) }
            return await apply(change, as: .renewed(made.0))
        } catch  where error.code == Self.notFound {
            guard await store.isGone(job, receipt) else { return .failed(error) }
            let end = LinkChange.Effect.ended(.revoked, .missing, isGone: true)
            return await apply(change(link, of: job, end, .revoked, visit), as: .gone)
        } catch {
            return .failed(error)
        }
    }

    /// Whether a link has another URL now than it had, because its key was replaced.
    func isOutdated(_ link: Link, of job: Job) async -> Bool {
        await stores[job.template.store]?.isOutdated(link) ?? false
    }

    /// What `LinkProof` says of an object that is not there.
    private static let notFound = "NoSuchKey"

    /// A job with the link's rules of its template as it is in force.
    func asInForce(_ job: Job) -> Job {
        var job = job
        var link = template(job.template.name)?.link ?? job.template.link
        // It is stored on the object.
        link.disposition = job.template.link.disposition
        // A link that works shortly is better than one that has ended.
        link.minLifetime = nil
        job.template.link = link
        return job
    }

    /// Refuses a revision that would end when the link does: the key that signs both ends then, and
    /// revision would follow revision, each shorter than the one before.
    private static func requireGain(
        _ new: Link,
        over link: Link,
        of job: Job
    ) throws(Failure) {
        guard new.limitedBy == .credentials, new.signer == link.signer,
            new.expiresAt <= link.expiresAt + .seconds(1)
        else { return }
        throw Failure(
            .retry,
            code: Store.shortLivedKey,
            message: "the key that signs links of store \(job.template.store) ends a minute after "
                + "\(new.expiresAt.rfc3339), as the link does already; renew the key, or give the "
                + "store `link_credentials:` that last"
        )
    }

    private func change(
        _ link: Link,
        of job: Job,
        _ effect: LinkChange.Effect,
        _ kind: LinkEvent.Kind,
        _ visit: LinkVisit?
    ) -> LinkChange {
        LinkChange(
            link,
            effect,
            after: visit,
            telling: routing.audience(of: kind, among: job.template.publish).notices,
            as: UniqueID(at: now())
        )
    }

    private func apply(_ change: LinkChange, as outcome: Outcome) async -> Outcome {
        do throws(QueueError) {
            guard try await queue.apply([change], at: now()) == [true] else { return .outrun }
        } catch {
            return .failed(Failure(.retry, code: "queue", message: "\(error)"))
        }
        if !change.sinks.isEmpty { outboxChanged() }
        return outcome
    }
}
