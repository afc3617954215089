// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import NIOCore

/// An object that is open for reading: later overwriting or deletion does not disturb it.
struct StoredObject: Sendable {
    /// What is known of it.
    let record: ObjectRecord
    private let file: OpenFile
    private let path: String
    /// The last bytes of the file, read with the record; a small body is whole among them.
    private let tail: ByteBuffer
    private let tailOffset: Int64

    /// Reads the record at the end of an open file.
    ///
    /// - Throws: `FileProblem` with `EBADMSG` when the file is no object of that key.
    init(_ file: OpenFile, key: ObjectKey, path: String) throws(FileProblem) {
        let status = try file.status(path: path)
        let size = Int64(status.st_size)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileProblem(operation: "read the record of", path: path, code: EBADMSG)
        }
        let wanted = min(size, Int64(2 * ObjectRecord.longest))
        tailOffset = size - wanted
        tail = try Self.read(file, from: tailOffset, count: Int(wanted), path: path)
        let bytes = tail.getBytes(at: tail.readerIndex, length: tail.readableBytes) ?? []
        guard let record = ObjectRecord(tail: bytes[...], fileSize: size), record.key == key else {
            throw FileProblem(operation: "read the record of", path: path, code: EBADMSG)
        }
        self.record = record
        self.file = file
        self.path = path
    }

    /// The bytes of a range that are in memory already, which is all of them in a small object.
    func atHand(_ range: Range<Int64>) -> ByteBuffer? {
        guard range.lowerBound >= tailOffset else { return nil }
        return tail.getSlice(
            at: tail.readerIndex + Int(range.lowerBound - tailOffset),
            length: Int(range.upperBound - range.lowerBound)
        )
    }

    /// Reads a range of the body; blocks on the disk.
    func read(_ range: Range<Int64>) throws(FileProblem) -> ByteBuffer {
        try Self.read(file, from: range.lowerBound, count: range.count, path: path)
    }

    private static func read(
        _ file: OpenFile,
        from offset: Int64,
        count: Int,
        path: String
    ) throws(FileProblem) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        var problem: FileProblem?
        let read = unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { raw in
            let target = unsafe UnsafeMutableRawBufferPointer(rebasing: raw.prefix(count))
            do throws(FileProblem) {
                return unsafe try file.read(into: target, at: offset, path: path)
            } catch {
                problem = error
                return 0
            }
        }
        if let problem { throw problem }
        guard read == count else {
            throw FileProblem(operation: "read all of", path: path, code: EIO)
        }
        return buffer
    }
}
