// SPDX-License-Identifier: Apache-2.0

import Glibc
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
    private let asked: AsyncStream<Template>
    private let asker: AsyncStream<Template>.Continuation

    init(
        queue: Queue,
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp = WallClock.now,
        isThere: @escaping @Sendable (String) async -> Bool
    ) {
        self.queue = queue
        self.isThere = isThere
        self.now = now
        self.logger = logger
        // A walk that is asked for while others are under way is as good an hour later.
        (asked, asker) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(64))
    }

    /// Has the names of a template's folder walked, soon.
    func walkSoon(_ template: Template) { asker.yield(template) }

    /// Walks as often as it is asked to, until the task is cancelled.
    func run() async {
        for await template in asked {
            do {
                let gone = try await walk(template, isPaced: true)
                guard gone > 0 else { continue }
                logger.info(
                    "forgot files that have been gone for a day",
                    metadata: ["template": "\(template.name)", "files": "\(gone)"]
                )
            } catch is CancellationError {
                return
            } catch {
                logger.error("the queue cannot be read: \(error)")
            }
        }
    }

    /// Walks the names of a template's folder once; ends early when the folder is not there.
    ///
    /// - Returns: How many files were forgotten.
    func walk(_ template: Template, isPaced: Bool = false) async throws -> Int {
        var last: FileName?
        var forgotten = 0
        while true {
            let start = ContinuousClock.now
            let files = try await queue.handledFiles(
                template: template.name,
                root: template.watch,
                after: last,
                limit: Self.step
            )
            guard let end = files.last else { return forgotten }
            last = end.name
            let findings = try look(at: files, in: template.watch)
            if !findings.isEmpty {
                // Asked after the looks: what was away then may not be gone.
                guard await isThere(template.name) else { return forgotten }
                try await queue.note(
                    findings,
                    template: template.name,
                    root: template.watch,
                    at: now()
                )
                forgotten += findings.gone.count
            }
            guard files.count == Self.step else { return forgotten }
            if isPaced { try await Task.sleep(for: (ContinuousClock.now - start) * Self.rest) }
        }
    }

    private func look(at files: [HandledFile], in root: String) throws -> Findings {
        var findings = Findings()
        let handle = try FolderHandle(path: root)
        // Names come in order, so those of one folder follow each other.
        var parent: (name: [UInt8], handle: FolderHandle?) = ([], handle)
        for file in files {
            let front = Array(file.name.bytes.dropLast(file.name.lastPart.count))
            if front != parent.name { parent = (front, try handle.parent(of: file.name).0) }
            let isMissing: Bool
            switch parent.handle?.look(at: FileName(bytes: Array(file.name.lastPart))) {
            case nil: isMissing = true
            case .error(let number):
                // Whatever else is wrong may pass.
                guard number == ENOENT || number == ENOTDIR else { continue }
                isMissing = true
            case .file, .folder, .other: isMissing = false
            }
            switch (isMissing, file.missingSince) {
            case (true, nil): findings.missing.append(file.name)
            case (true, let since?):
                if now() - since >= Self.grace { findings.gone.append(file.name) }
            case (false, nil): break
            case (false, _?): findings.back.append(file.name)
            }
        }
        return findings
    }
}
