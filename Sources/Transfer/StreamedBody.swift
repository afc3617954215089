// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import Jobs
internal import Synchronization

/// A file that is hashed while it is sent, in one pass over its bytes.
///
/// The hash is kept by offset, because the transport sends a body again from its start when a kept
/// connection turns out to be dead: hashing in the order of the reads would then count bytes twice.
final class StreamedBody: HTTPBodySource {
    let length: Int64
    private let file: SourceFile
    private let withMD5: Bool
    private let share: SentShare
    private let progress: Mutex<Progress>

    private struct Progress {
        var hasher: BodyHasher
        var hashed: Int64 = 0
    }

    init(_ file: SourceFile, withMD5: Bool, sent: SentBytes = SentBytes()) {
        self.file = file
        self.withMD5 = withMD5
        share = SentShare(of: sent)
        length = file.stamp.size
        progress = Mutex(Progress(hasher: BodyHasher(withMD5: withMD5)))
    }

    /// The digests of the whole body, once every byte of it was sent.
    var digests: Digests? {
        progress.withLock { $0.hashed == length ? $0.hasher.digests : nil }
    }

    /// Reads the bytes at an offset, at most up to the length that was promised.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        let count = Int(min(Int64(buffer.count), length - offset))
        guard count > 0 else { return 0 }
        let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        // A short read: the file was cut. What it has grown by is never read.
        guard unsafe try file.read(into: part, at: offset) == count else {
            throw SourceError.changed
        }
        try progress.withLock { progress in
            if offset == 0, progress.hashed > 0 {
                progress = Progress(hasher: BodyHasher(withMD5: withMD5))
            }
            guard offset == progress.hashed else { throw SeekError(offset: offset) }
            unsafe progress.hasher.add(UnsafeRawBufferPointer(part))
            progress.hashed += Int64(count)
        }
        share.note(upTo: offset + Int64(count))
        return count
    }
}

/// A transport asked for a body's bytes neither in order nor from the start.
struct SeekError: Error, Hashable, CustomStringConvertible {
    var offset: Int64
    var description: String { "it was asked for byte \(offset) out of order" }
}
