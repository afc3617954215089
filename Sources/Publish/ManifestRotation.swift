// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Jobs
import Manifests

/// Begins a large manifest anew, with the lines of the links that can still be used at its head.
///
/// The old file becomes `<name>.1`, what was `.1` becomes `.2`, and so on. The new one is complete
/// before it takes the name, so a reader finds the one or the other, never none and never half of
/// one. Its lines keep their numbers, and the line that ends the snapshot has the last one: numbers
/// never fall within a file, and the end of a file always tells how far the count is.
public struct ManifestRotation: Sendable {
    /// The size in bytes from which it is begun anew.
    let limit: Int64
    private let keep: Int
    private let now: @Sendable () -> Timestamp
    /// Told why a manifest could not be begun anew; it grows on, and it is tried again.
    let report: @Sendable (PublishError) -> Void

    /// Makes a rotation.
    ///
    /// - Parameters:
    ///   - limit: The size in bytes from which the manifest is begun anew, above 0. One whose links
    ///     alone are large grows to twice their size first: else each batch would copy them.
    ///   - keep: How many old files are kept.
    ///   - now: The present moment, which tells what links can still be used.
    ///   - report: Told why it could not be done.
    public init(
        limit: Int64,
        keep: Int,
        now: @escaping @Sendable () -> Timestamp,
        report: @escaping @Sendable (PublishError) -> Void
    ) {
        self.limit = limit
        self.keep = keep
        self.now = now
        self.report = report
    }

    /// What became of a manifest.
    enum Result {
        /// This one took its place.
        case begun(ManifestFile)
        /// It is worth another look from this size on.
        case notWorthIt(until: Int64)
    }

    /// Copies at a time; each is one wait for the disk.
    private static let copySize = 8 << 20

    /// Begins a manifest anew.
    ///
    /// - Parameters:
    ///   - file: The manifest, which must be the one that has the name.
    ///   - last: The number of its last line.
    /// - Returns: What became of it.
    /// - Throws: `PublishError`; then the old one still has the name, or nothing has.
    func rotate(_ file: ManifestFile, last: Int64) throws(PublishError) -> Result {
        let lines = file.lines
        let live = try lines.live()
        guard live.snapshotEnd * 2 <= file.length else {
            return .notWorthIt(until: live.snapshotEnd * 2)
        }
        let path = file.path
        unlink(path + ".new")
        let new = try ManifestFile(path: path + ".new")
        ManifestFile.copyAccess(from: file.descriptor, to: new.descriptor)
        let moment = now()
        let places = live.places(at: moment)
        var bytes: [UInt8] = []
        for place in places {
            bytes += try lines.line(at: place)
            bytes.append(0x0a)
            if bytes.count >= Self.copySize { try append(&bytes, to: new) }
        }
        bytes += ManifestLine.snapshotEnd(sequence: last, links: places.count, at: moment)
        try append(&bytes, to: new)
        try putAside(path)
        try new.take(over: path)
        return .begun(new)
    }

    private func append(_ bytes: inout [UInt8], to file: ManifestFile) throws(PublishError) {
        do throws(ManifestFile.Refused) {
            try file.append(bytes)
        } catch {
            throw error.cause
        }
        bytes = []
    }

    /// Gives the old file its other name; it keeps the usual one until the new one takes that.
    private func putAside(_ path: String) throws(PublishError) {
        guard keep > 0 else { return }
        let first = path + ".1"
        // A crash between the two names.
        if Self.isSame(path, first) { unlink(first) }
        for number in stride(from: keep - 1, through: 1, by: -1) {
            let (from, to) = ("\(path).\(number)", "\(path).\(number + 1)")
            guard unsafe rename(from, to) == 0 || errno == ENOENT else {
                throw .system(errno, "rename to \(to)", from)
            }
        }
        if keep == 1 { unlink(first) }
        if unsafe link(path, first) == 0 { return }
        // No hard links here: for a moment nothing has the name.
        guard unsafe rename(path, first) == 0 else {
            throw .system(errno, "rename to \(first)", path)
        }
    }

    private func unlink(_ path: String) { _ = unsafe Glibc.unlink(path) }

    private static func isSame(_ path: String, _ other: String) -> Bool {
        var (one, two) = (stat(), stat())
        return unsafe stat(path, &one) == 0 && stat(other, &two) == 0
            && one.st_ino == two.st_ino && one.st_dev == two.st_dev
    }
}
