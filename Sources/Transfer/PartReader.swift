// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Objects

/// Reads a file's parts one after the other, in one pass: what it hashes is what is sent.
///
/// The digest of the whole needs every part in its order, also those that are in the store already;
/// comparing these once more tells a file that is not the one whose parts were sent.
struct PartReader {
    let file: SourceFile
    let plan: PartPlan
    let withMD5: Bool
    private var whole = BodyHasher(withMD5: false)

    init(_ file: SourceFile, _ plan: PartPlan, withMD5: Bool) {
        self.file = file
        self.plan = plan
        self.withMD5 = withMD5
    }

    /// The digests of all parts read so far.
    var digests: Digests { whole.digests }

    /// Reads a part into memory.
    mutating func read(_ number: Int, into buffer: PartBuffer) throws(SourceError) -> BodyChecksum {
        let length = Int(plan.length(of: number))
        let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<length])
        guard unsafe try file.read(into: part, at: plan.offset(of: number)) == length else {
            throw .changed
        }
        var hasher = PartHasher(withMD5: withMD5)
        unsafe hasher.add(UnsafeRawBufferPointer(part))
        unsafe whole.add(UnsafeRawBufferPointer(part))
        return hasher.checksum
    }

    /// Reads a part without keeping it.
    mutating func pass(_ number: Int) throws(SourceError) -> BodyChecksum {
        var hasher = PartHasher(withMD5: withMD5)
        let (start, length) = (plan.offset(of: number), plan.length(of: number))
        var whole = whole
        unsafe try file.eachBlock(at: start, length: length) { block in
            unsafe hasher.add(block)
            unsafe whole.add(block)
        }
        self.whole = whole
        return hasher.checksum
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
