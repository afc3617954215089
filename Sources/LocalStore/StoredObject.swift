// SPDX-License-Identifier: Apache-2.0

import CLinux
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

    /// Reads the record at the end of an open file; it must have the key, where one is given.
    ///
    /// - Throws: `FileProblem` with `EBADMSG` when the file is no object of that key.
    init(_ file: OpenFile, key: ObjectKey?, path: String) throws(FileProblem) {
        let status = try file.status(path: path)
        let size = Int64(status.st_size)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileProblem(operation: "read the record of", path: path, code: EBADMSG)
        }
        let wanted = min(size, Int64(2 * ObjectRecord.longest))
        tailOffset = size - wanted
        tail = try Self.read(file, from: tailOffset, count: Int(wanted), path: path)
        let bytes = tail.getBytes(at: tail.readerIndex, length: tail.readableBytes) ?? []
        guard let record = ObjectRecord(tail: bytes[...], fileSize: size),
            record.key == key ?? record.key
        else {
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

    /// Appends bytes of the body to another file; file systems that can share the blocks.
    func copy(
        _ range: Range<Int64>,
        to target: OpenFile,
        path targetPath: String
    ) throws(FileProblem) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let rest = min(range.upperBound - offset, 1 << 30)
            let count = cs_copy_range(file.descriptor, offset, target.descriptor, Int(rest))
            if count > 0 {
                offset += Int64(count)
                continue
            }
            if count < 0 && errno == EINTR { continue }
            // Not every file system can (copy_file_range(2)); what failed for good fails here too.
            guard count == 0 || [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP].contains(errno) else {
                throw .last("write", targetPath)
            }
            let end = min(range.upperBound, offset + Int64(ObjectServer.chunk))
            let bytes = try read(offset..<end)
            let view = bytes.getBytes(at: bytes.readerIndex, length: bytes.readableBytes) ?? []
            let problem: FileProblem? = unsafe view.withUnsafeBytes { bytes in
                do throws(FileProblem) {
                    unsafe try target.write(bytes, path: targetPath)
                    return nil
                } catch {
                    return error
                }
            }
            if let problem { throw problem }
            offset = end
        }
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
