// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Logging
import Queue

extension GroupKeeper {
    /// Members whose links are made at a time: their URLs are not kept.
    private static let page = 256
    /// Links that are fetched at the same time.
    private static let provers = 16

    /// Makes and proves a link for each member, and publishes them as one.
    ///
    /// - Returns: Nothing once every sink has the group.
    func tellAll(_ group: OpenGroup, isWhole: Bool) async -> Failure? {
        var links: [Link] = []
        var newest: Job?
        // Nobody else says that these are published: no manifest is told of them.
        var untold: [(Job, Link)] = []
        do {
            var last: UniqueID?
            while true {
                let jobs = try await queue.members(of: group, after: last, limit: Self.page)
                guard let end = jobs.last else { break }
                last = end.id
                newest = end
                let made = try await makeLinks(of: jobs)
                links += made
                for (job, link) in zip(jobs, made) where hasNoManifest(job) {
                    untold.append((job, link))
                }
            }
        } catch let failure as Failure {
            return failure
        } catch {
            return Failure(.retry, code: "queue", message: "\(error)")
        }
        guard !links.isEmpty || group.isBegun else {
            return Failure(.retry, code: Publisher.hasChanged, message: "no member is ready")
        }
        let mark = GroupMark(
            id: group.id,
            name: group.folder,
            revision: group.isBegun ? group.revision : group.revision + 1
        )
        let page: PageLink?
        do throws(Failure) {
            page = try await pages.publish(group, mark, new: links, newest)
        } catch {
            return Failure(error.advice, code: error.code, message: "its page: \(error.message)")
        }
        let maker = EventMaker(stores: stores, pages: pages)
        let failure = await publisher.publish(
            Publisher.GroupOrder(
                group: group,
                links: links,
                isWhole: isWhole,
                event: { delivery throws(Failure) in
                    if case .group(let revision) = delivery.subject, revision.mark == mark {
                        return .group(
                            GroupEvent(revision, sequence: delivery.sequence, page: page)
                        )
                    }
                    return try await maker.event(of: delivery)
                },
                told: { [uploads] job, link, url in
                    guard let receipt = job.receipt else { return }
                    uploads.report(job.id, UploadResult(job, receipt, link, url: url.text))
                }
            )
        )
        guard failure == nil else { return failure }
        for (job, link) in untold { await report(link, of: job) }
        logger.info(
            "group published",
            metadata: [
                "group": "\(group.folder)", "template": "\(group.template)",
                "revision": "\(mark.revision)",
                "links": "\(links.count)",
            ]
        )
        return nil
    }

    private func hasNoManifest(_ job: Job) -> Bool {
        publisher.routing.audience(of: .created, among: job.template.publish).lines.isEmpty
    }

    /// Tells whoever waits for a file of its link.
    private func report(_ link: Link, of job: Job) async {
        guard let receipt = job.receipt, let store = stores[job.template.store],
            let url = try? await store.url(of: link, for: job, receipt)
        else { return }
        uploads.report(job.id, UploadResult(job, receipt, link, url: url.text))
    }

    /// Makes links; the first that cannot be made or proven is noted with its member.
    private func makeLinks(of jobs: [Job]) async throws -> [Link] {
        var links: [UniqueID: Link] = [:]
        var failed: (job: Job, failure: Failure)?
        await withTaskGroup(of: (Job, Result<Link, Failure>).self) { tasks in
            var rest = jobs[...]
            var running = 0
            while true {
                while running < Self.provers, failed == nil, let job = rest.popFirst() {
                    running += 1
                    tasks.addTask {
                        do throws(Failure) {
                            return (job, .success(try await self.makeLink(of: job)))
                        } catch {
                            return (job, .failure(error))
                        }
                    }
                }
                guard let (job, result) = await tasks.next() else { break }
                running -= 1
                switch result {
                case .success(let link): links[job.id] = link
                case .failure(let failure): failed = failed ?? (job, failure)
                }
            }
        }
        if let failed {
            if !Task.isCancelled { try await queue.note(failed.failure, on: [failed.job.id]) }
            throw failed.failure
        }
        return jobs.compactMap { links[$0.id] }
    }

    private func makeLink(of job: Job) async throws(Failure) -> Link {
        guard let store = stores[job.template.store], let receipt = job.receipt else {
            throw Pipeline.storeIsGone(job)
        }
        return try await store.provenLink(for: job, receipt, revision: 1).0
    }
}
