// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Manifests

/// The end of a manifest, read backwards in blocks: a manifest of years is not read whole.
struct ManifestTail {
    /// Bytes up to the end of the last whole line.
    var length: Int64
    /// The number of the last line that has one.
    var lastSequence: Int64?

    /// A tail longer than this without a manifest line is another kind of file.
    static let searchLimit = 16 << 20
    /// Holds more than any one batch, so that all that may be torn is looked at.
    private static let blockSize = 1 << 20

    /// Finds the end of the last whole line, cuts off what a crash left after it, and reads the last
    /// sequence number.
    ///
    /// What is cut off goes to `<name>.torn`; lines that are whole among it are told again.
    ///
    /// A file with content but without any manifest line is refused and left as it is: the path is
    /// more likely wrong than the content.
    static func whole(of descriptor: Int32, _ path: String) throws(PublishError) -> ManifestTail {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .system(errno, "look at the manifest", path)
        }
        let size = Int64(status.st_size)
        guard size > 0 else { return ManifestTail(length: 0, lastSequence: nil) }
        let (torn, last) = try search(descriptor, size, path)
        guard last != nil || (Int64(torn.count) == size && isFrontOfLine(torn)) else {
            throw PublishError(
                .hold,
                code: "manifest-foreign",
                message: "\(path) has content but no manifest line; nothing was written; "
                    + "move it away, or correct the sink's path in config.yaml"
            )
        }
        let length = size - Int64(torn.count)
        if !torn.isEmpty {
            try keep(torn, path + ".torn")
            guard ftruncate(descriptor, off_t(length)) == 0 else {
                throw .system(errno, "cut the torn last line of", path)
            }
        }
        // A process that was killed may have written lines that are in memory only; they are about
        // to be reported as told.
        guard fdatasync(descriptor) == 0 else { throw .system(errno, "save", path) }
        return ManifestTail(length: length, lastSequence: last)
    }

    /// What follows the last line feed, and the number of the last line that has one.
    private static func search(
        _ descriptor: Int32,
        _ size: Int64,
        _ path: String
    ) throws(PublishError) -> (torn: ArraySlice<UInt8>, last: Int64?) {
        var tail: [UInt8] = []
        var take = blockSize
        while true {
            // The window doubles, so a long line costs no more than twice its length.
            let start = max(0, size - Int64(take))
            tail = try ManifestLines.read(descriptor, from: start, count: Int(size - start), path)
            var (lines, torn) = ManifestReader.split(tail[...])
            if start > 0, !lines.isEmpty {
                // The first one is the rear part of a line.
                lines.removeFirst()
            }
            // A power cut may leave zeros amid a batch: an ext4 writes the end of a file, and its
            // length, before what comes earlier. No line has a zero, so all from there on goes.
            if let damage = lines.firstIndex(where: { $0.contains(0) }) {
                torn = tail[lines[damage].startIndex...]
                lines.removeSubrange(damage...)
            }
            for line in lines.reversed() {
                if let last = ManifestReader.sequence(of: line) { return (torn, last) }
            }
            guard start > 0, take < searchLimit else { return (torn, nil) }
            take *= 2
        }
    }

    /// Whether the bytes may be all that a crash left of a first line: its front part, or the zeros
    /// of a block that was never written, with lines after them or none.
    private static func isFrontOfLine(_ torn: ArraySlice<UInt8>) -> Bool {
        let front = Array("{\"seq\":".utf8)
        guard torn.first == 0 else { return torn.starts(with: front) || front.starts(with: torn) }
        let rest = torn.drop { $0 == 0 }
        return rest.isEmpty
            || ManifestReader.split(rest).lines.contains { ManifestReader.sequence(of: $0) != nil }
    }

    private static func keep(
        _ torn: ArraySlice<UInt8>,
        _ path: String
    ) throws(PublishError) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw .system(errno, "keep a torn line in", path) }
        defer { close(file) }
        if let number = ManifestFile.write(torn + [0x0a], to: file) {
            throw .system(number, "keep a torn line in", path)
        }
    }
}
