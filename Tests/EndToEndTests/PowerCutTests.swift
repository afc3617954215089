// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Glibc
import Testing

/// How many power cuts: `PRESIGND_CUTS`, else 40 for `make chaos`, else 4.
private let cuts: Int = {
    let variables = ProcessInfo.processInfo.environment
    return variables["PRESIGND_CUTS"].flatMap { Int($0) }
        ?? (variables["PRESIGND_CHAOS"] == "full" ? 40 : 4)
}()

@Suite("A power cut", .serialized, .timeLimit(.minutes(30)))
struct PowerCutTests {
    @Test("is tried where file systems can be mounted, or the run says that it is not")
    func present() {
        let missing = Set(PowerCutDisk.Kind.allCases).subtracting(PowerCutDisk.kinds)
        #expect(
            missing.isEmpty || !MountSpace.isExpected,
            "root cannot mount \(missing) from a file; PRESIGND_REQUIRE_STORES=0 goes without"
        )
        for kind in missing { print("skipped: power cuts of \(kind), which is not to be mounted") }
    }

    @Test(
        "at any moment takes no job, tears no line, repeats no number, leaves no link without its bytes and no source removed before that (Q1, L2)",
        arguments: PowerCutDisk.kinds
    )
    func power(kind: PowerCutDisk.Kind) throws {
        let disk = try PowerCutDisk(kind)
        let ground = try CutGround(on: disk)
        for cut in 0..<(cuts / 2) {
            // Some fall into the start itself.
            let daemon = try cut % 4 == 3 ? ground.sandbox.spawn() : ground.sandbox.start()
            try ground.drop(20)
            if cut % 4 != 3 { try ground.noteWhatIsAcknowledged() }
            // Not a wait for anything: the moment of the cut is what is random here.
            try ground.sandbox.manifest.waitForChange(
                atMostMilliseconds: Int32.random(in: 0...(cut % 2 == 0 ? 60 : 400))
            )
            try disk.cut(under: daemon) { try ground.noteWhatReadersSaw() }
        }
        let daemon = try ground.sandbox.start()
        // Before anything else is told, the manifest is what it was, and whole.
        try ground.expectTheSameLines()
        try ground.expectEverySyncedFile()
        try ground.expectTheSameLines()
        try ground.expectEveryAcknowledgedJob()
        try ground.expectEveryLinkServesItsFile()
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
        print("power: \(ground.summary) on \(kind)")
        try disk.end()
    }
}

/// What was dropped on a disk whose power is cut, and what presignd has said of it.
private final class CutGround {
    let sandbox: Sandbox
    private let disk: PowerCutDisk
    private static let folders = ["inbox", "gone", "sent"]
    /// SHA-256 of each content that was dropped under a name, by `template/name`.
    private var digests: [String: String] = [:]
    /// Those whose writer waited for the disk.
    private var synced: Set<String> = []
    private var acknowledged: Set<String> = []
    /// Lines that a reader of the manifest has seen.
    private var seen: [String] = []
    private var random = SystemRandomNumberGenerator()

    init(on disk: PowerCutDisk) throws {
        self.disk = disk
        sandbox = try Sandbox(link: "{ expires_in: 6h }", in: disk.space, at: disk.path)
        for (name, after) in [("gone", "delete"), ("sent", "{ archive: \(disk.path)/archive }")] {
            try FileManager.default.createDirectory(
                at: sandbox.ground.appending(path: name),
                withIntermediateDirectories: true
            )
            try sandbox.write(
                "jobs/\(name).yaml",
                """
                watch: \(disk.path)/\(name)
                store: local
                settle: 100ms
                after: \(after)
                link: { expires_in: 6h }
                publish: [links]
                """
            )
        }
        sync()
    }

    var summary: String {
        "\(cuts / 2) cuts, \(synced.count) files, \(acknowledged.count) jobs, \(seen.count) lines"
    }

    /// Drops files into each folder; most writers wait for the disk, some do not.
    func drop(_ count: Int) throws {
        for _ in 0..<count {
            let folder = Self.folders[digests.count % 3]
            let file = "\(folder)/f\(digests.count).bin"
            let isSynced = digests.count % 4 != 1
            var content = Data(
                count: Int.random(in: 1...(digests.count % 5 == 0 ? 600_000 : 9_000))
            )
            for index in stride(from: 0, to: content.count, by: 97) {
                content[index] = UInt8.random(in: 0...255, using: &random)
            }
            digests[file] = SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined()
            try write(content, to: file, in: folder, isSynced: isSynced)
            if isSynced { synced.insert(file) }
        }
    }

    private func write(_ content: Data, to file: String, in folder: String, isSynced: Bool) throws {
        let path = sandbox.ground.appending(path: file).path
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        try #require(descriptor >= 0, "\(path): \(errno)")
        defer { close(descriptor) }
        let count = unsafe content.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        try #require(count == content.count)
        guard isSynced else { return }
        let above = unsafe open(sandbox.ground.appending(path: folder).path, O_RDONLY | O_CLOEXEC)
        defer { close(above) }
        try #require(fsync(descriptor) == 0 && fsync(above) == 0)
    }

    /// Asks the daemon for its jobs and links, as anybody may.
    func noteWhatIsAcknowledged() throws {
        for question in ["jobs", "links"] { acknowledged.formUnion(try ids(question)) }
        // Those that are done, which only `links` tells beside the manifest, are in it.
        acknowledged.formUnion(try ids("jobs", "--state", "done"))
    }

    private func ids(_ words: String...) throws -> [String] {
        let arguments = words + ["--json", "--limit", "100000"]
        let result = try sandbox.presignd(arguments)
        try #require(result.status == 0, "\(result.errors) \(sandbox.log)")
        struct Record: Decodable { var id: String }
        return try result.output.split(separator: "\n").map {
            try JSONDecoder().decode(Record.self, from: Data($0.utf8)).id
        }
    }

    /// What is in the manifest at the moment of the cut, on the disk or not: readers may have acted.
    func noteWhatReadersSaw() throws {
        // Whoever reads while presignd writes leaves out the line that has no end yet.
        let data = (try? Data(contentsOf: sandbox.manifest.file)) ?? Data()
        let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .dropLast().map { String(decoding: $0, as: UTF8.self) }
        let old = min(seen.count, lines.count)
        #expect(
            lines.prefix(old) == seen.prefix(old),
            "no line is taken back or changed, all are whole"
        )
        seen += lines.dropFirst(seen.count)
    }

    func expectTheSameLines() throws {
        try noteWhatReadersSaw()
        let lines = try seen.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        #expect(lines.map(\.seq) == lines.indices.map { $0 + 1 })
        #expect(Set(lines.map { "\($0.id) \($0.rev) \($0.event)" }).count == lines.count)
        acknowledged.formUnion(lines.map(\.id))
    }

    func expectEverySyncedFile() throws {
        let lines = try sandbox.manifest.lines(within: 120) { lines in
            synced.isSubset(of: lines.map { "\($0.template)/\($0.path)" })
        }
        let missing = synced.subtracting(lines.map { "\($0.template)/\($0.path)" })
        let jobs = try sandbox.presignd("jobs").output
        #expect(missing.isEmpty, "\(jobs) \(sandbox.log)")
    }

    func expectEveryAcknowledgedJob() throws {
        var known: Set<String> = []
        for state in ["waiting", "running", "done", "dead", "dropped"] {
            known.formUnion(try ids("jobs", "--state", state))
        }
        #expect(acknowledged.subtracting(known).isEmpty, "0 jobs lost")
        #expect(acknowledged.isEmpty == (cuts / 2 == 0))
    }

    func expectEveryLinkServesItsFile() throws {
        let lines = try sandbox.manifest.lines()
        for line in lines {
            let body = try Program.curl(line.url).body
            let digest = SHA256.hash(data: body).map { String(format: "%02x", $0) }.joined()
            #expect(digest == line.sha256, "\(line.template)/\(line.path)")
        }
        let told = lines.map { "\($0.template)/\($0.path)" }.filter { synced.contains($0) }
        let twice = Dictionary(grouping: told) { $0 }.filter { $0.value.count > 1 }.keys
        #expect(twice.isEmpty, "a content is published once")
        let right = lines.filter { digests["\($0.template)/\($0.path)"] == $0.sha256 }
        #expect(synced.isSubset(of: right.map { "\($0.template)/\($0.path)" }), "the right bytes")
    }
}
