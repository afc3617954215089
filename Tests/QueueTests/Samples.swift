// SPDX-License-Identifier: Apache-2.0
import Foundation
import Jobs
import Testing

@testable import Queue

/// A folder that is removed when the last test lets go of it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/queue-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A folder that holds what this one holds at this moment: what a crash would leave.
    func copy() throws -> TemporaryFolder {
        let other = try TemporaryFolder()
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            try FileManager.default.copyItem(
                atPath: "\(path)/\(name)",
                toPath: "\(other.path)/\(name)"
            )
        }
        return other
    }

    func open(
        at now: Timestamp = start,
        afterCrash: Bool = false,
        routing: SinkRouting = .manifests([])
    ) throws -> Queue {
        try Queue.open(folder: path, at: now, afterCrash: afterCrash, routing: routing)
    }
}

/// A queue in a temporary folder.
struct Fixture {
    let folder: TemporaryFolder
    let queue: Queue

    init() throws {
        folder = try TemporaryFolder()
        queue = try folder.open()
    }

    /// Queues a file and returns its job.
    @discardableResult
    func queued(
        _ name: String,
        stamp: FileStamp = .sample(),
        template: Template? = nil
    )
        async throws -> Job
    {
        let job = Job.sample(name, stamp: stamp, template: try template ?? .sample())
        _ = try await queue.add([job])
        return job
    }

    /// Takes a file through its upload; the worker still has the job.
    func uploaded(
        _ name: String,
        stamp: FileStamp = .sample(),
        template: Template? = nil
    )
        async throws -> Job
    {
        var job = try await queued(name, stamp: stamp, template: template)
        _ = try await queue.claim(1_000, at: start)
        try await queue.record(.publish(.sample()), of: job, at: start, keeping: true)
        job.step = .publish
        job.receipt = .sample()
        return job
    }

    /// Takes a file through all steps.
    @discardableResult
    func published(
        _ name: String,
        stamp: FileStamp = .sample(),
        template: Template? = nil
    )
        async throws -> Job
    {
        let job = try await uploaded(name, stamp: stamp, template: template)
        let events = try await queue.issue([NewLink(.sample(of: job), for: job)])
        try await queue.confirm(events.flatMap { $0 }, finishing: [job], at: start)
        return job
    }

    /// What is known of a file.
    func sighting(of name: String, stamp: FileStamp = .sample()) async throws -> Sighting {
        let file = SettledFile.sample(name, stamp: stamp)
        return try #require(await queue.look(up: [file], template: "inbox").first)
    }

    /// The only job that matches.
    func record(_ id: UniqueID) async throws -> JobRecord {
        try #require(await queue.jobs(JobFilter(id: id)).first)
    }
}

let start = Timestamp(seconds: 1_795_000_000, nanoseconds: 123_456_789)
let digest = [UInt8](repeating: 0xab, count: 32)

extension Failure {
    static let slowDown = Failure(.retry, code: "SlowDown", message: "the store is busy")
}

extension Template {
    static func sample(
        _ name: String = "inbox",
        store: String = "local",
        key: String = "{id}/{path}",
        after: AfterUpload = .keep,
        publish: [String] = ["links"]
    ) throws -> Template {
        Template(
            name: name,
            watch: "/srv/inbox",
            store: store,
            key: try KeyTemplate(key),
            after: after,
            publish: publish
        )
    }
}

extension FileStamp {
    static func sample(size: Int64 = 10, version: Int64 = 1) -> FileStamp {
        FileStamp(
            size: size,
            modified: Timestamp(seconds: 1_790_000_000 + version, nanoseconds: 5),
            changed: Timestamp(seconds: 1_790_000_000 + version, nanoseconds: 7),
            inode: UInt64.max - 3
        )
    }
}

extension SettledFile {
    static func sample(_ name: String, stamp: FileStamp = .sample()) -> SettledFile {
        SettledFile(root: "/srv/inbox", name: FileName(name), stamp: stamp)
    }
}

extension Job {
    static func sample(
        _ name: String,
        stamp: FileStamp = .sample(),
        template: Template,
        queuedAt: Timestamp = start
    ) -> Job {
        let id = UniqueID(at: queuedAt)
        let values = KeyTemplate.Values(
            name: FileName(name),
            id: id,
            template: template.name,
            host: "host",
            queuedAt: queuedAt
        )
        return Job(
            id: id,
            template: template,
            file: .sample(name, stamp: stamp),
            key: template.key.key(for: values),
            queuedAt: queuedAt
        )
    }
}

extension Receipt {
    static func sample() -> Receipt {
        Receipt(
            size: 10,
            sha256: digest,
            crc64nvme: UInt64.max - 1,
            contentType: "application/pdf",
            etag: "9a0364b9e99bb480dd25e1f0284c8555",
            versionID: "v1",
            integrity: .signed
        )
    }
}

extension Link {
    static func sample(of job: Job, revision: Int = 1, issuedAt: Timestamp = start) -> Link {
        Link(
            id: job.id,
            revision: revision,
            issuedAt: issuedAt.wholeSecond,
            expiresIn: 86_400,
            limitedBy: .asked,
            provenAt: issuedAt
        )
    }
}
