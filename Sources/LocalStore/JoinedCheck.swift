// SPDX-License-Identifier: Apache-2.0

import CLinux

/// The CRC-64/NVME of bytes that are known by the checks of their parts alone.
struct JoinedCheck: Hashable, Sendable {
    /// The check of all that was added.
    private(set) var value: UInt64 = 0

    /// Adds a part behind the others.
    mutating func append(_ check: UInt64, size: Int64) {
        value = cs_crc64nvme_join(value, check, UInt64(size))
    }
}
