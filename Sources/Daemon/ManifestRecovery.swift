// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Manifests
import Queue

/// Brings the queue back from the lines of manifests.
struct ManifestRecovery {
    let configuration: Configuration
    let queue: Queue
    private let templates: [String: Template]
    private static let batch = 500

    init(_ configuration: Configuration, _ queue: Queue) {
        self.configuration = configuration
        self.queue = queue
        templates = Dictionary(uniqueKeysWithValues: configuration.templates.map { ($0.name, $0) })
    }

    /// The manifests of all sinks, those that were rotated away too: files beside a manifest that
    /// have its name and then `.` or `-`.
    func files() throws -> [(path: String, sink: String)] {
        var files: [(String, String)] = []
        for sink in configuration.sinks.values.sorted(by: { $0.name < $1.name }) {
            guard case .manifest(let path) = sink.kind else { continue }
            let slash = path.lastIndex(of: "/") ?? path.startIndex
            let folder = slash == path.startIndex ? "/" : String(path[..<slash])
            let name = String(path[path.index(after: slash)...])
            let beside = ((try? FolderHandle(path: folder).names()) ?? [])
                .map { String(decoding: $0, as: UTF8.self) }
                .filter { $0 == name || $0.hasPrefix(name + ".") || $0.hasPrefix(name + "-") }
                .filter { !$0.hasSuffix(".torn") }
            files += beside.sorted().map { ("\(folder)/\($0)", sink.name) }
        }
        return files
    }

    /// The sink that a file belongs to: by its name, or the only one there is.
    func sink(of path: String) -> String? {
        let named = configuration.sinks.values.first { sink in
            guard case .manifest(let manifest) = sink.kind else { return false }
            return path == manifest || path.hasPrefix(manifest + ".")
                || path.hasPrefix(manifest + "-")
        }
        if let named { return named.name }
        return configuration.sinks.count == 1 ? configuration.sinks.keys.first : nil
    }

    /// Takes in all links that a file tells of.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - sink: The sink that it belongs to.
    ///   - ends: Gets the ends of links that the file tells of. They are taken in when all files are
    ///     read: an end may stand in a file that is read before its link's.
    /// - Returns: What was found.
    /// - Throws: `RecoveryError`, `QueueError`.
    func read(
        _ path: String,
        of sink: String,
        _ ends: inout [UniqueID: RecoveredEnd]
    ) async throws -> RecoveryReport.File {
        var report = RecoveryReport.File(path: path, sink: sink)
        guard var file = LineFile(path) else {
            throw RecoveryError(path: path, problem: SystemText.text(errno))
        }
        var links: [RecoveredLink] = []
        // Jobs of one template and one store share a snapshot.
        var shared: [Shelf: Shared<Template>] = [:]
        while let line = file.next() {
            guard let sequence = ManifestReader.sequence(of: line) else {
                report.skipped += 1
                continue
            }
            report.lines += 1
            report.last = max(report.last, sequence)
            let entry: ManifestEntry
            // A group's line, or one of a later presignd: its number is taken all the same.
            switch try? ManifestReader.record(of: line) {
            case .link(let link): entry = link
            case .ended(let end):
                Self.note(end, in: &ends)
                continue
            case .failure, .group, .other, nil: continue
            }
            guard let template = templates[entry.template] else {
                report.withoutTemplate += 1
                continue
            }
            let shelf = Shelf(template: entry.template, store: entry.store)
            if shared[shelf] == nil {
                var template = template
                template.store = entry.store
                shared[shelf] = Shared(template)
            }
            guard let template = shared[shelf], let link = Self.link(of: entry, template) else {
                continue
            }
            links.append(link)
            guard links.count == Self.batch else { continue }
            report.recovered += try await queue.recover(links)
            links = []
        }
        report.recovered += try await queue.recover(links)
        if let problem = file.problem {
            throw RecoveryError(path: path, problem: SystemText.text(problem))
        }
        if report.last > 0 { try await queue.raiseSequence(of: sink, to: report.last) }
        for template in shared.values.map(\.value) {
            // So that `on_start` leaves no file alone that came since.
            try await queue.markStarted(
                template: template.name,
                root: template.watch,
                at: WallClock.now()
            )
        }
        return report
    }

    private static func note(_ end: ManifestEnding, in ends: inout [UniqueID: RecoveredEnd]) {
        let new = RecoveredEnd(
            id: end.id,
            revision: end.revision,
            kind: end.kind,
            isObjectGone: end.kind != .expired && end.reason != LinkEnding.Reason.withdrawn.rawValue
        )
        // What was revoked after it had expired is revoked.
        if let known = ends[end.id], known.revision > new.revision || new.kind == .expired {
            guard known.revision < new.revision else { return }
        }
        ends[end.id] = new
    }

    /// A template as the jobs for one store have it.
    private struct Shelf: Hashable {
        var template: String
        var store: String
    }

    private static func link(
        of entry: ManifestEntry,
        _ template: Shared<Template>
    ) -> RecoveredLink? {
        guard [LinkEvent.Kind.created, .renewed].contains(where: { $0.rawValue == entry.event }),
            entry.expiresIn > 0,
            let integrity = Integrity(rawValue: entry.integrity),
            let limit = LinkLimit(rawValue: entry.limitedBy)
        else { return nil }
        let receipt = Receipt(
            size: entry.size,
            sha256: entry.sha256,
            crc64nvme: entry.crc64nvme,
            contentType: entry.contentType,
            etag: entry.etag,
            versionID: entry.versionID,
            integrity: integrity
        )
        let file = SettledFile(
            root: template.value.watch,
            name: entry.name,
            stamp: .recovered(size: entry.size, modified: entry.modified)
        )
        return RecoveredLink(
            job: Job(
                id: entry.id,
                sharing: template,
                file: file,
                key: entry.key,
                step: .publish,
                // Of a link that was renewed the first revision may be in no manifest any more.
                queuedAt: min(entry.id.moment, entry.issuedAt),
                receipt: receipt
            ),
            link: Link(
                id: entry.id,
                revision: entry.revision,
                issuedAt: entry.issuedAt,
                expiresIn: Int(entry.expiresIn),
                limitedBy: limit,
                provenAt: entry.provenAt
            )
        )
    }
}

/// A manifest that cannot be read, or that is nobody's.
public struct RecoveryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public var path: String
    /// What is wrong, as the end of a sentence.
    public var problem: String

    /// The whole sentence.
    public var description: String {
        "\(path): \(problem); what was read before is kept, and the command may be repeated"
    }
}
