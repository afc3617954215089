// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Crypto

/// The digests of a body.
struct Digests: Hashable, Sendable {
    var sha256: [UInt8]
    var crc64nvme: UInt64
    /// Only where the store may have nothing better to compare, or asks for it.
    var md5: [UInt8]?
}

/// Takes in a body piece by piece.
struct BodyHasher {
    private var sha256 = SHA256()
    private var crc64nvme: UInt64 = 0
    private var md5: Insecure.MD5?

    /// - Parameter withMD5: MD5 is nearly three times as slow as SHA-256, so it is made only where
    ///   the store may have nothing better to compare with.
    init(withMD5: Bool) {
        md5 = withMD5 ? Insecure.MD5() : nil
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        unsafe sha256.update(bufferPointer: bytes)
        unsafe crc64nvme = cs_crc64nvme(crc64nvme, bytes.baseAddress, bytes.count)
        unsafe md5?.update(bufferPointer: bytes)
    }

    var digests: Digests {
        Digests(
            sha256: Array(sha256.finalize()),
            crc64nvme: crc64nvme,
            md5: md5.map { Array($0.finalize()) }
        )
    }

    /// The digests of bytes in memory.
    static func digests(of bytes: [UInt8], withMD5: Bool) -> Digests {
        var hasher = BodyHasher(withMD5: withMD5)
        unsafe bytes.withUnsafeBytes { unsafe hasher.add($0) }
        return hasher.digests
    }

    /// The MD5 of bytes in memory.
    static func md5(of bytes: [UInt8]) -> [UInt8] {
        Array(Insecure.MD5.hash(data: bytes))
    }
}
