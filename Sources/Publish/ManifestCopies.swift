// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Jobs
import Manifests

/// The other forms of a manifest: files beside it, each replaced whole.
///
/// They are made from the manifest itself, so that they have the very URLs that it has. A reader that
/// opens one at any moment gets a whole one. The links that can be used are in them, the newest first.
public struct ManifestCopies: Sendable {
    private let sink: ManifestSink
    private let formats: [ManifestFormat]

    /// Copies of the manifest that a sink writes; nothing is written yet.
    public init(of sink: ManifestSink, as formats: [ManifestFormat]) {
        self.sink = sink
        self.formats = formats
    }

    /// What writing them came to.
    public struct Outcome: Sendable {
        /// How many links can be used.
        public var links = 0
        /// When the first of them ends, and the copies are out of date.
        public var nextExpiry: Timestamp?
        /// Why a copy could not be written; it is as it was then.
        public var failures: [PublishError] = []
    }

    /// Writes every copy; blocks its thread for a time that grows with the manifest.
    ///
    /// - Parameters:
    ///   - now: The present moment; links that have ended are left out.
    ///   - isShared: Whether several templates publish to the manifest: then their names stand
    ///     before the paths where a form names files.
    /// - Returns: What it came to; also when some could not be written.
    /// - Throws: `PublishError` when the manifest cannot be read; then all are as they were.
    public func write(at now: Timestamp, isShared: Bool) throws(PublishError) -> Outcome {
        guard let lines = try open() else { return Outcome() }
        defer { close(lines.descriptor) }
        let places = try lines.live().places(at: now)
        var copies = formats.map {
            ManifestCopy(
                path: ManifestSettings.file($0, beside: sink.path),
                writer: $0.writer(at: now, isShared: isShared)
            )
        }
        for index in copies.indices { copies[index].begin(readableAs: lines.descriptor) }
        do throws(PublishError) {
            for place in places.reversed() {
                let line = try lines.line(at: place)
                // A glance took it for a link; one that a person damaged is left out.
                guard let entry = try? ManifestReader.entry(of: line) else { continue }
                for index in copies.indices { copies[index].append(entry, line: line[...]) }
            }
        } catch {
            for index in copies.indices { copies[index].discard() }
            throw error
        }
        for index in copies.indices { copies[index].finish() }
        try ManifestFolder.sync(above: sink.path)
        return Outcome(
            links: places.count,
            nextExpiry: places.lazy.map(\.expiresAt).min(),
            failures: copies.compactMap(\.failure)
        )
    }

    /// The manifest as it is now; nothing while it is missing.
    private func open() throws(PublishError) -> ManifestLines? {
        // Before the file is opened: what it says is true of this file or of an earlier one.
        let length = sink.length
        let descriptor = unsafe Glibc.open(sink.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .system(errno, "read", sink.path)
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let number = errno
            close(descriptor)
            throw .system(number, "look at the manifest", sink.path)
        }
        let size = Int64(status.st_size)
        // Lines of a batch that is still being written may be cut off again.
        return ManifestLines(
            descriptor: descriptor,
            path: sink.path,
            length: length.map { min($0, size) } ?? size
        )
    }
}

/// One of the files, while it is written under another name.
private struct ManifestCopy {
    private static let flushSize = 256 << 10

    let path: String
    var writer: any FormatWriter
    private(set) var failure: PublishError?
    private var descriptor: Int32 = -1
    private var bytes: [UInt8] = []

    init(path: String, writer: any FormatWriter) {
        self.path = path
        self.writer = writer
    }

    private var temporary: String { path + ".new" }

    /// Makes the file, for the readers that another file has.
    mutating func begin(readableAs other: Int32) {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
        descriptor = unsafe open(temporary, flags, 0o640)
        guard descriptor >= 0, fchmod(descriptor, 0o640) == 0 else { return fail("create") }
        ManifestFile.copyAccess(from: other, to: descriptor)
        writer.begin(&bytes)
    }

    mutating func append(_ entry: ManifestEntry, line: ArraySlice<UInt8>) {
        guard failure == nil else { return }
        writer.append(entry, line: line, to: &bytes)
        if bytes.count >= Self.flushSize { flush() }
    }

    mutating func finish() {
        guard failure == nil else { return }
        writer.end(&bytes)
        flush()
        guard failure == nil else { return }
        guard fsync(descriptor) == 0 else { return fail("write") }
        close(descriptor)
        descriptor = -1
        guard unsafe rename(temporary, path) == 0 else { return fail("replace") }
    }

    private mutating func flush() {
        if let number = ManifestFile.write(bytes, to: descriptor) { fail("write", number) }
        bytes.removeAll(keepingCapacity: true)
    }

    private mutating func fail(_ action: String, _ number: Int32 = errno) {
        failure = .system(number, action, path)
        discard()
    }

    /// Leaves the file as it was, and nothing beside it.
    mutating func discard() {
        if descriptor >= 0 {
            close(descriptor)
            descriptor = -1
        }
        _ = unsafe unlink(temporary)
        bytes = []
    }
}
