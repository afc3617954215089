// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Logging
import Queue
import Synchronization

@testable import Daemon

let start = Timestamp(seconds: 1_795_000_000)

extension Template {
    /// The template `inbox`, which watches the folder of that name.
    static func sample(
        in folder: TemporaryFolder,
        key: String = "{id}/{path}",
        after: AfterUpload = .keep,
        onStart: OnStart = .process,
        badName: BadName = .percent,
        publish: [String] = ["links"]
    ) throws -> Template {
        Template(
            name: "inbox",
            watch: folder["inbox"],
            store: "local",
            key: try KeyTemplate(key),
            after: after,
            onStart: onStart,
            badName: badName,
            publish: publish
        )
    }
}

extension Job {
    /// A job of a file, queued under the usual key.
    static func sample(_ file: SettledFile, _ template: Template) -> Job {
        let id = UniqueID(at: start)
        let key = template.key.key(
            for: KeyTemplate.Values(
                name: file.name,
                id: id,
                template: template.name,
                host: "host",
                queuedAt: start
            )
        )
        return Job(id: id, template: template, file: file, key: key, queuedAt: start)
    }
}

extension Receipt {
    static func sample(sha256: [UInt8] = Array(repeating: 0xab, count: 32)) -> Receipt {
        Receipt(
            size: 4,
            sha256: sha256,
            crc64nvme: 7,
            contentType: "text/plain",
            etag: "e",
            integrity: .signed
        )
    }
}

extension Link {
    static func sample(of job: Job) -> Link {
        Link(id: job.id, revision: 1, issuedAt: start, expiresIn: 3_600, limitedBy: .asked)
    }
}

extension Failure {
    static let noKey = Failure(.parkStore, code: "InvalidAccessKeyId", message: "no such key")
    static let slowDown = Failure(.throttle(after: nil), code: "SlowDown", message: "too fast")
    static let network = Failure(.retry, code: "network", message: "no route")
}

extension Queue {
    /// Takes a file up to where it is published: its upload is proven and a worker has it.
    func uploaded(_ file: SettledFile, _ template: Template) async throws -> Job {
        var job = Job.sample(file, template)
        _ = try await add([job])
        _ = try await claim(1_000, at: WallClock.now())
        try await record(.publish(.sample()), of: job, at: start, keeping: true)
        job.step = .publish
        job.receipt = .sample()
        return job
    }

    /// Takes a file through all steps: its link is out.
    func published(_ file: SettledFile, _ template: Template) async throws -> Job {
        let job = try await uploaded(file, template)
        let events = try await issue([NewLink(.sample(of: job), for: job)])
        try await confirm(events.flatMap { $0 }, finishing: [job], at: start)
        return job
    }

    /// Where a job stands.
    func state(of job: Job) async throws -> JobState? {
        try await jobs(JobFilter(id: job.id)).first?.state
    }
}

/// What is logged, as it is logged.
final class LogBook: Sendable {
    let lines: AsyncStream<String>
    private let writer: AsyncStream<String>.Continuation
    private let book = Collected<String>()

    /// What was logged so far.
    var all: [String] { book.all }

    init() { (lines, writer) = AsyncStream.makeStream() }

    var logger: Logger {
        Logger(label: "test") { [writer, book] _ in Handler(writer: writer, book: book) }
    }

    /// Waits until a line with this text was logged.
    func until(_ text: String) async {
        for await line in lines where line.contains(text) { return }
    }

    private struct Handler: LogHandler {
        let writer: AsyncStream<String>.Continuation
        let book: Collected<String>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = "\(event.level): \(event.message)"
            book.add(line)
            writer.yield(line)
        }
    }
}

/// A list that tasks add to.
final class Collected<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    var all: [Element] { elements.withLock { $0 } }
    var count: Int { elements.withLock { $0.count } }

    func add(_ element: Element) { elements.withLock { $0.append(element) } }
}

/// A line of a manifest, as far as tests look at it.
struct ManifestRow: Decodable, Equatable, Sendable {
    var seq: Int64
    var id: String
    var path: String
    var url: String

    /// The lines of a manifest; none of a missing one.
    static func all(_ path: String) throws -> [ManifestRow] {
        let data = FileManager.default.contents(atPath: path) ?? Data()
        return try data.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(ManifestRow.self, from: $0)
        }
    }
}
