// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Testing

@testable import Daemon

/// Files whose links are out, and who decides about them once they are taken away.
class RemovalScene {
    let folder: TemporaryFolder
    let queue: Queue
    var template: Template
    /// Whether the folder is there: the last that was said.
    let presence = Collected<Bool>()
    let keeper: RemovalKeeper
    let log = LogBook()
    /// Rings when links are to be revoked.
    let orders = Bell()

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
        queue = try Queue.open(folder: folder.path, at: start)
        template = try .sample(in: folder)
        template.retention.onRemove = .revoke
        keeper = RemovalKeeper(queue: queue, logger: log.logger, now: { start }) { [orders] in
            orders.ring()
        }
    }

    var missing: MissingFiles {
        MissingFiles(queue: queue, logger: log.logger, removals: keeper, now: { start }) {
            [presence] _ in presence.all.last ?? true
        }
    }

    /// A file whose link is out; beside the others one that stays.
    func publish(_ names: [String]) async throws {
        for name in names {
            let file = try folder.settled(name, name)
            _ = try await queue.published(file, template)
        }
    }

    func look(at names: [String]) async throws {
        try await missing.look(at: names.map { FileName($0) }, template)
    }

    /// The files whose links are to be revoked.
    var ordered: [String] {
        get async throws {
            try await queue.dueOrders(at: start, limit: 9_999)
                .filter { $0.visit == .removal }.map { "\($0.job.file.name)" }.sorted()
        }
    }

    var known: [String] {
        get async throws {
            try await queue.handledFiles(template: "inbox", root: template.watch, limit: 9_999)
                .map { "\($0.name)" }
        }
    }
}
