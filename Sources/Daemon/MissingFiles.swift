// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue
import Synchronization

/// Forgets what was handled under names whose files are gone for good, so that the table of handled
/// files does not grow for ever.
///
/// After each whole scan of a folder it walks the names that the queue has, in their order and in small
/// steps, with one `stat` each. Nothing counts unless the folder is there, with its marker, after each
/// step; and a file is forgotten only once it has been missing for a day, since a file system that
/// belongs beneath the folder may be away while the folder itself is well.
struct MissingFiles: Sendable {
    /// How long a file must have been missing.
    static let grace = Span.seconds(86_400)
    private static let step = 256
    /// How much longer than a step the pause after it is: a walk takes a fifth of a core at most.
    private static let rest = 4

    let queue: Queue
    /// Whether a template's folder is there at this moment.
    let isThere: @Sendable (String) async -> Bool
    let now: @Sendable () -> Timestamp
    let logger: Logger
    /// Who decides about the links of what is missing; nothing: they are kept.
    let removals: RemovalKeeper?
    private let walks: AsyncStream<Template>
    private let walkAsker: AsyncStream<Template>.Continuation
    private let looks: AsyncStream<(Template, [FileName])>
    private let lookAsker: AsyncStream<(Template, [FileName])>.Continuation

    init(
        queue: Queue,
        logger: Logger,
        removals: RemovalKeeper? = nil,
        now: @escaping @Sendable () -> Timestamp = WallClock.now,
        isThere: @escaping @Sendable (String) async -> Bool
    ) {
        self.queue = queue
        self.isThere = isThere
        self.now = now
        self.logger = logger
        self.removals = removals
        // A walk that is asked for while others are under way is as good an hour later.
        (walks, walkAsker) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(64))
        (looks, lookAsker) = AsyncStream.makeStream()
    }

    /// Has the names of a template's folder walked, soon.
    func walkSoon(_ template: Template) { walkAsker.yield(template) }

    /// Has these names looked at, and what was handled beneath them, beside a walk that is under way.
    func lookSoon(at names: [FileName], _ template: Template) { lookAsker.yield((template, names)) }

    /// Walks and looks as often as it is asked to, until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await template in walks {
                    await attempt {
                        let gone = try await walk(template, isPaced: true)
                        guard gone > 0 else { return }
                        logger.info(
                            "forgot files that have been gone for a day",
                            metadata: ["template": "\(template.name)", "files": "\(gone)"]
                        )
                    }
                }
            }
            group.addTask {
                for await (template, names) in looks {
                    await attempt { try await look(at: names, template) }
                }
            }
        }
    }

    private func attempt(_ work: () async throws -> Void) async {
        do {
            try await work()
        } catch is CancellationError {
            // The streams end too.
        } catch {
            logger.error("the queue cannot be read: \(error)")
        }
    }

    /// Walks the names of a template's folder once; ends early when the folder is not there.
    ///
    /// - Returns: How many files were forgotten.
    func walk(_ template: Template, isPaced: Bool = false) async throws -> Int {
        var last: FileName?
        var forgotten = 0
        var looking = try await removals?.look(at: template, isWhole: true)
        while true {
            let start = ContinuousClock.now
            let files = try await queue.handledFiles(
                template: template.name,
                root: template.watch,
                after: last,
                limit: Self.step
            )
            guard let end = files.last else { break }
            last = end.name
            var (findings, present) = try look(at: files, in: template.watch)
            looking?.present += present
            if !findings.isEmpty {
                // Asked after the looks: what was away then may not be gone.
                guard await isThere(template.name) else { return forgotten }
                if looking != nil {
                    findings.missing = try await take(findings.missing, &looking)
                }
                try await queue.note(
                    findings,
                    template: template.name,
                    root: template.watch,
                    at: now()
                )
                forgotten += findings.gone.count
            }
            guard files.count == Self.step else { break }
            if isPaced { try await Task.sleep(for: (ContinuousClock.now - start) * Self.rest) }
        }
        try await end(looking)
        return forgotten
    }

    /// Looks at names, and at what was handled beneath them, for what becomes of their links.
    func look(at names: [FileName], _ template: Template) async throws {
        guard var looking = try await removals?.look(at: template, isWhole: false) else { return }
        for name in names {
            var page = [name]
            var last = name.appending([])
            while !page.isEmpty {
                let (missing, present) = try missing(of: page, in: template.watch)
                looking.present += present
                guard await isThere(template.name) else { return }
                _ = try await removals?.take(missing, &looking)
                let files = try await queue.handledFiles(
                    template: template.name,
                    root: template.watch,
                    after: last,
                    limit: Self.step
                )
                page = files.map(\.name).filter { $0.bytes.starts(with: name.appending([]).bytes) }
                last = page.last ?? last
            }
        }
        try await end(looking)
    }

    private func take(
        _ names: [FileName],
        _ looking: inout RemovalKeeper.Looking?
    ) async throws -> [FileName] {
        guard var current = looking, let removals else { return names }
        defer { looking = current }
        return try await removals.take(names, &current)
    }

    private func end(_ looking: RemovalKeeper.Looking?) async throws {
        guard let looking, let removals else { return }
        try await removals.end(looking) { names in
            let missing = try self.missing(of: names, in: looking.template.watch).names
            return await self.isThere(looking.template.name) ? missing : []
        }
    }
}
