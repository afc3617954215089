// SPDX-License-Identifier: Apache-2.0

/// When and how a store's files are sent in parts.
public struct PartSettings: Hashable, Sendable {
    /// Bytes from which a file is sent in parts; default 64 MiB.
    public var threshold: Int64
    /// Bytes of a part, unless the file has more of them than the store takes; default 8 MiB.
    public var size: Int64

    /// Makes settings.
    public init(threshold: Int64 = 64 << 20, size: Int64 = 8 << 20) {
        self.threshold = threshold
        self.size = size
    }
}
