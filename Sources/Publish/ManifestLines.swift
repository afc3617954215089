// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Manifests

/// The whole lines of a manifest, read in blocks: it may be of any size.
struct ManifestLines {
    private static let blockSize = 1 << 20

    let descriptor: Int32
    let path: String
    /// Bytes up to the end of the last line that counts.
    let length: Int64

    /// Reads every line; finds the links that can be used.
    func live() throws(PublishError) -> LiveLinks {
        var live = LiveLinks()
        var rest: [UInt8] = []
        /// Where `rest` begins.
        var offset: Int64 = 0
        while offset + Int64(rest.count) < length {
            let start = offset + Int64(rest.count)
            let count = min(Int64(Self.blockSize), length - start)
            rest += try Self.read(descriptor, from: start, count: Int(count), path)
            var index = 0
            while let end = rest[index...].firstIndex(of: 0x0a) {
                live.take(rest[index..<end], at: offset + Int64(index))
                index = end + 1
            }
            // What is longer is no line of ours, and must not be held in memory.
            if rest.count - index > ManifestReader.maximumLength { index = rest.count }
            rest.removeFirst(index)
            offset += Int64(index)
        }
        return live
    }

    /// The bytes of one line.
    func line(at place: LiveLinks.Place) throws(PublishError) -> [UInt8] {
        try Self.read(descriptor, from: place.offset, count: place.length, path)
    }

    /// Reads exactly so many bytes.
    static func read(
        _ descriptor: Int32,
        from start: Int64,
        count: Int,
        _ path: String
    ) throws(PublishError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = unsafe pread(
                    descriptor,
                    buffer.baseAddress?.advanced(by: filled),
                    count - filled,
                    off_t(start) + off_t(filled)
                )
                if got > 0 {
                    filled += got
                } else if got == 0 || errno != EINTR {
                    failure = got == 0 ? EIO : errno
                    break
                }
            }
        }
        guard failure == 0 else { throw .system(failure, "read", path) }
        return bytes
    }
}
