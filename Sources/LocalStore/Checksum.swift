// SPDX-License-Identifier: Apache-2.0

import CLinux
import Crypto
import Jobs

/// The checksums of S3's `x-amz-checksum-*` headers.
enum ChecksumAlgorithm: String, CaseIterable, Hashable, Sendable {
    case crc32, crc32c, sha1, sha256, crc64nvme

    /// The name of the header, in lower case.
    var header: String { "x-amz-checksum-\(rawValue)" }

    /// Bytes of the digest, which the header holds in base64.
    var length: Int {
        switch self {
        case .crc32, .crc32c: 4
        case .crc64nvme: 8
        case .sha1: 20
        case .sha256: 32
        }
    }
}

/// All digests of one body, computed while it goes by.
struct BodyDigests: Sendable {
    private var md5 = Insecure.MD5()
    private var crc64nvme: UInt64 = 0
    private var crc32: UInt32 = 0
    private var sha1: Insecure.SHA1?
    private var sha256: SHA256?
    private let asked: ChecksumAlgorithm?

    /// Always MD5 (the ETag) and CRC-64/NVME; besides them only what the request needs.
    init(asked: ChecksumAlgorithm?, payloadHash: Bool) {
        self.asked = asked
        if asked == .sha1 { sha1 = Insecure.SHA1() }
        if asked == .sha256 || payloadHash { sha256 = SHA256() }
    }

    /// Computes what a request vouches for.
    init(for request: IncomingObject.Request) {
        self.init(
            asked: request.checksum?.algorithm,
            payloadHash: request.payloadSHA256 != nil
        )
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        unsafe md5.update(bufferPointer: bytes)
        unsafe crc64nvme = cs_crc64nvme(crc64nvme, bytes.baseAddress, bytes.count)
        unsafe sha1?.update(bufferPointer: bytes)
        unsafe sha256?.update(bufferPointer: bytes)
        switch asked {
        case .crc32: unsafe crc32 = CyclicCheck.crc32.update(crc32, bytes)
        case .crc32c: unsafe crc32 = CyclicCheck.crc32c.update(crc32, bytes)
        default: break
        }
    }

    /// The MD5 of what went by.
    var md5Digest: [UInt8] { Array(md5.finalize()) }

    /// The MD5 of a few bytes.
    static func md5(of bytes: [UInt8]) -> [UInt8] { Array(Insecure.MD5.hash(data: bytes)) }

    /// The SHA-256 of what went by, if it was computed.
    var sha256Digest: [UInt8]? { sha256.map { Array($0.finalize()) } }

    /// A checksum of what went by, if it was computed.
    func checksum(_ algorithm: ChecksumAlgorithm) -> [UInt8]? {
        switch algorithm {
        case .crc64nvme: Self.bigEndian(crc64nvme)
        case .crc32, .crc32c: algorithm == asked ? Self.bigEndian(crc32) : nil
        case .sha1: sha1.map { Array($0.finalize()) }
        case .sha256: sha256Digest
        }
    }

    private static func bigEndian(_ value: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
        stride(from: value.bitWidth - 8, through: 0, by: -8)
            .map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
