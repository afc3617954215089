// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Jobs

/// A regular file that is open for reading; closed when nobody holds it any more.
final class SourceFile: Sendable {
    private let descriptor: Int32
    /// Whether it counts as changed when no name leads to it any more.
    private let isNamed: Bool
    /// What `fstat` said right after opening.
    let stamp: FileStamp
    /// What else it said.
    let facts: SourceFacts

    /// Takes over a descriptor.
    ///
    /// - Throws: `SourceError.notRegular` for anything but a regular file.
    init(descriptor: Int32, isNamed: Bool = true) throws(SourceError) {
        self.descriptor = descriptor
        self.isNamed = isNamed
        do {
            let status = try Self.status(of: descriptor)
            stamp = FileStamp(status)
            facts = SourceFacts(status)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Whether the open file is still as the stamp says and still has a name.
    func isStill(_ stamp: FileStamp) throws(SourceError) -> Bool {
        let status = try Self.status(of: descriptor)
        guard isNamed else {
            // Its times and its links are those of a name that may get another file.
            return Int64(status.st_size) == stamp.size
        }
        return status.st_nlink > 0 && FileStamp(status) == stamp
    }

    /// Says that the file will be read from front to back, so that the kernel reads ahead.
    func expectSequentialRead() {
        _ = posix_fadvise(descriptor, 0, 0, Int32(POSIX_FADV_SEQUENTIAL))
    }

    /// Reads at an offset; fewer bytes than the buffer holds only at the end of the file.
    ///
    /// - Parameters:
    ///   - buffer: Where the bytes go.
    ///   - offset: Where they come from.
    ///   - wanted: The bytes after which nothing more is asked for; nothing for all of the buffer.
    /// - Returns: How many bytes were read.
    /// - Throws: `SourceError.input`.
    func read(
        into buffer: UnsafeMutableRawBufferPointer,
        at offset: Int64,
        wanted: Int? = nil
    ) throws(SourceError) -> Int {
        let wanted = wanted ?? buffer.count
        var done = 0
        while done < wanted {
            let start = unsafe buffer.baseAddress.map { unsafe $0 + done }
            let count = unsafe pread(descriptor, start, buffer.count - done, Int(offset) + done)
            if count > 0 {
                done += count
            } else if count == 0 {
                break
            } else if errno != EINTR {
                throw .input(errno)
            }
        }
        return done
    }

    /// Reads the whole file.
    ///
    /// - Throws: `SourceError.changed` when it has not exactly the bytes its stamp says.
    func readAll() throws(SourceError) -> [UInt8] {
        let size = Int(stamp.size)
        var problem: SourceError?
        // Room for one byte more than expected tells a file that grew, without another call.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
            do throws(SourceError) {
                let whole = unsafe UnsafeMutableBufferPointer(rebasing: buffer[...size])
                count = unsafe try read(
                    into: UnsafeMutableRawBufferPointer(whole),
                    at: 0,
                    wanted: max(size, 1)
                )
            } catch {
                problem = error
            }
        }
        if let problem { throw problem }
        guard bytes.count == size else { throw .changed }
        return bytes
    }

    private static func status(of descriptor: Int32) throws(SourceError) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .input(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
        return status
    }
}

extension SourceFacts {
    fileprivate init(_ status: stat) {
        self.init(
            links: UInt64(status.st_nlink),
            owner: status.st_uid,
            // Always in units of 512 bytes (stat(2)).
            stored: Int64(status.st_blocks) * 512,
            size: Int64(status.st_size)
        )
    }
}

extension FileStamp {
    fileprivate init(_ status: stat) {
        self.init(
            size: Int64(status.st_size),
            modified: Timestamp(status.st_mtim),
            changed: Timestamp(status.st_ctim),
            inode: UInt64(status.st_ino)
        )
    }
}

extension Timestamp {
    fileprivate init(_ time: timespec) {
        self.init(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }
}
