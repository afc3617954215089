// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Crypto
internal import Objects

/// Reads a file's parts one after the other, in one pass: what it hashes is what is sent.
///
/// The digest of the whole needs every part in its order, also those that are in the store already;
/// comparing these once more tells a file that is not the one whose parts were sent.
struct PartReader {
    let file: SourceFile
    let plan: PartPlan
    let withMD5: Bool
    /// What fits beside everything else in a processor's own cache, where hashing is fastest.
    private static let block = 256 << 10

    private var sha256 = SHA256()
    private var crc64nvme: UInt64 = 0

    init(_ file: SourceFile, _ plan: PartPlan, withMD5: Bool) {
        self.file = file
        self.plan = plan
        self.withMD5 = withMD5
    }

    /// The digests of all parts read so far.
    var digests: Digests {
        Digests(sha256: Array(sha256.finalize()), crc64nvme: crc64nvme, md5: nil)
    }

    /// Reads a part into memory, letting other tasks go in between.
    ///
    /// - Throws: `SourceError`, or `CancellationError`.
    mutating func read(_ number: Int, into buffer: PartBuffer) async throws -> BodyChecksum {
        let length = Int(plan.length(of: number))
        var hasher = PartHasher(withMD5: withMD5)
        var done = 0
        while done < length {
            let range = done..<min(done + Self.block, length)
            let block = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[range])
            unsafe try take(block, at: plan.offset(of: number) + Int64(done), &hasher)
            done = range.upperBound
            try await Self.letOthersGo(done)
        }
        return end(hasher, length)
    }

    /// Reads a part without keeping it, letting other tasks go in between.
    ///
    /// - Throws: `SourceError`, or `CancellationError`.
    mutating func pass(_ number: Int) async throws -> BodyChecksum {
        let length = Int(plan.length(of: number))
        var hasher = PartHasher(withMD5: withMD5)
        var bytes = [UInt8](repeating: 0, count: min(Self.block, length))
        var done = 0
        while done < length {
            let count = min(bytes.count, length - done)
            try unsafe bytes.withUnsafeMutableBytes { bytes in
                let block = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
                unsafe try take(block, at: plan.offset(of: number) + Int64(done), &hasher)
            }
            done += count
            try await Self.letOthersGo(done)
        }
        return end(hasher, length)
    }

    /// Fills a block from the file and hashes it.
    private mutating func take(
        _ block: UnsafeMutableRawBufferPointer,
        at offset: Int64,
        _ hasher: inout PartHasher
    ) throws(SourceError) {
        guard unsafe try file.read(into: block, at: offset) == block.count else { throw .changed }
        unsafe hasher.add(UnsafeRawBufferPointer(block))
        unsafe sha256.update(bufferPointer: UnsafeRawBufferPointer(block))
    }

    private static func letOthersGo(_ done: Int) async throws {
        guard done & ((1 << 20) - 1) == 0 else { return }
        try Task.checkCancellation()
        await Task.yield()
    }

    /// Takes a part's checksum into the whole's, which saves reading its bytes another time.
    private mutating func end(_ hasher: PartHasher, _ length: Int) -> BodyChecksum {
        let checksum = hasher.checksum
        crc64nvme = cs_crc64nvme_join(crc64nvme, checksum.crc64nvme, UInt64(length))
        return checksum
    }
}

/// The checksums of one part.
private struct PartHasher {
    private var crc64nvme: UInt64 = 0
    private var md5: MD5Hasher?

    init(withMD5: Bool) { md5 = withMD5 ? MD5Hasher() : nil }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        unsafe crc64nvme = cs_crc64nvme(crc64nvme, bytes.baseAddress, bytes.count)
        unsafe md5?.add(bytes)
    }

    var checksum: BodyChecksum { BodyChecksum(crc64nvme: crc64nvme, md5: md5?.digest) }
}
