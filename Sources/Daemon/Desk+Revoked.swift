// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Queue
import Transfer

/// What is said of links that were taken back.
extension Desk {
    /// Says what came of an order, once the old URL was looked at.
    func report(
        _ record: LinkRecord,
        _ answer: OrderWaiters.Answer?,
        old url: SignedURL?
    ) async -> RevokedLink {
        switch answer {
        case nil:
            report(
                record,
                .pending,
                .unknown,
                "it is ordered, and presignd goes on with it; `presignd status` says what it waits for"
            )
        case .overruled:
            report(
                record,
                .refused,
                .unknown,
                "the deletion of its object was ordered meanwhile, and goes before"
            )
        case .outcome(let outcome):
            await report(record, outcome, old: url)
        }
    }

    private func report(
        _ record: LinkRecord,
        _ outcome: LinkRevoker.Outcome,
        old url: SignedURL?
    ) async -> RevokedLink {
        if case .failed(let failure) = outcome.change.effect {
            let isFinal = outcome.change.next.map { !$0.visit.isOrdered } ?? true
            let stays =
                failure.message.hasSuffix(".")
                ? " It stays ordered, and is tried again by itself."
                : "; it stays ordered, and is tried again by itself"
            return report(
                record,
                isFinal ? .refused : .pending,
                .unknown,
                failure.message + (isFinal ? "" : stays)
            )
        }
        let store = engine.stores[record.job.template.store]
        let sight: LinkSight =
            if let url, let store { await store.look(at: url) } else { .unknown("nobody looked") }
        var (old, sentence) = Self.words(of: sight, outcome, record.link)
        var new: String?
        if case .renewed(let link, let moved?) = outcome.change.effect {
            var job = record.job
            job.key = moved.key
            new = try? await store?.url(of: link, for: job, moved.receipt).text
            sentence = "its object is \(moved.key) now, with a new link; " + sentence
        }
        if record.link.expiresAt <= WallClock.now(), old != .works { old = .dead }
        return report(record, .revoked, old, sentence, url: new)
    }

    /// Says why nothing was ordered.
    func refused(_ record: LinkRecord, _ reply: OrderReply) -> RevokedLink {
        let sentence =
            if reply == .toBeDeleted {
                "its object is to be deleted: that is ordered already, and stays so; "
                    + "`presignd status` says what it waits for"
            } else if record.ended == .superseded {
                "newer content of the file is under its key; revoke the link of that, "
                    + "and its URL serves nothing either"
            } else if record.isGone {
                "it has been revoked already, and its object is gone"
            } else {
                "it was struck off the lists, and its URL works until "
                    + "\(record.link.expiresAt.rfc3339) all the same; "
                    + "`presignd revoke \(record.link.id) --strategy delete` deletes the object"
            }
        return report(record, .refused, .unknown, sentence)
    }

    /// What was done, and what the old URL does: as it was seen, not as it should be.
    private static func words(
        of sight: LinkSight,
        _ outcome: LinkRevoker.Outcome,
        _ link: Link
    ) -> (RevokedLink.OldURL, String) {
        let done =
            switch outcome.removal {
            case .hidden:
                "the store keeps the bytes as an older version behind a delete marker, which whoever "
                    + "may read versions can still get; "
            case .replaced: "another's object is under its key by now, and was left alone; "
            case .wasGone: "there was no object any more; "
            case .removed, nil: "the object is deleted; "
            }
        let end = link.expiresAt.rfc3339
        switch sight {
        case .gone(let status): return (.dead, done + "the old URL answers \(status) now")
        case .refused(let status): return (.dead, done + "the old URL is refused (\(status)) now")
        case .serves(cached: true):
            return (
                .works,
                done
                    + "but a cache on the way still serves the old URL: purge it there; it ends at "
                    + end
            )
        case .serves(cached: false):
            return (.works, done + "but the old URL STILL WORKS, until \(end)")
        case .unknown(let why):
            return (
                .unknown, done + "whether the old URL still serves anything is not known: \(why)"
            )
        }
    }

    /// Objects that lie in their stores without a link that works, in a line.
    func lapsedNotes() async throws -> [String] {
        let count = try await engine.queue.lapsedLinks().lapsed
        guard count > 0 else { return [] }
        let objects = count == 1 ? "1 object has" : "\(count.grouped) objects have"
        return [
            "\(objects) no live link any more; `presignd revoke --older-than 30d` deletes those of "
                + "links that old, `expire_objects_after:` of a template does so by itself"
        ]
    }

    /// Links that are being taken back, in a line.
    func orderNotes() async throws -> [String] {
        let count = try await engine.queue.openOrders()
        guard count > 0 else { return [] }
        let links = count == 1 ? "1 link is" : "\(count.grouped) links are"
        let moment = engine.purpose == .daemon ? "" : ", when the daemon runs next"
        return ["\(links) being taken back or getting another key, as was ordered\(moment)"]
    }

    /// That nobody does anything, in a line.
    var idleNotes: [String] {
        guard engine.purpose != .daemon else { return [] }
        return [
            "no daemon runs: no file is taken in and no link renewed until `presignd run` does, or "
                + "the service is started"
        ]
    }

    /// Links that could not be renewed or revoked, in a line, with the latest reason.
    func linkProblems() async throws -> [String] {
        let count = try await engine.queue.lapsedLinks().troubled
        guard count > 0, let (id, failure) = try await engine.queue.linkTrouble() else { return [] }
        let links = count == 1 ? "1 link" : "\(count.grouped) links"
        return ["\(links) could not be renewed or revoked yet; of \(id): \(failure)"]
    }

    /// Says something of a link.
    func report(
        _ record: LinkRecord,
        _ state: RevokedLink.State,
        _ old: RevokedLink.OldURL,
        _ sentence: String,
        url: String? = nil
    ) -> RevokedLink {
        RevokedLink(
            id: "\(record.link.id)",
            template: record.job.template.name,
            path: "\(record.job.file.name)",
            state: state,
            oldURL: old,
            expiresAt: record.link.expiresAt.rfc3339,
            sentence: sentence,
            url: url
        )
    }
}
