// SPDX-License-Identifier: Apache-2.0

/// The checksums of a body that is known before it is sent; a dialect sends the one it has a header for.
public struct BodyChecksum: Hashable, Sendable {
    /// CRC-64/NVME.
    public var crc64nvme: UInt64
    /// MD5; there where the dialect asks for it.
    public var md5: [UInt8]?

    /// Collects the checksums.
    public init(crc64nvme: UInt64, md5: [UInt8]? = nil) {
        self.crc64nvme = crc64nvme
        self.md5 = md5
    }
}
