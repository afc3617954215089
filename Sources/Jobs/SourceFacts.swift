// SPDX-License-Identifier: Apache-2.0

/// What `stat` says of a file besides its stamp, as far as a rule asks for it.
public struct SourceFacts: Hashable, Sendable {
    /// How many names it has.
    public var links: UInt64
    /// The number of its owner.
    public var owner: UInt32
    /// The bytes it takes up on the disk.
    public var stored: Int64
    /// Its size in bytes.
    public var size: Int64

    /// Makes facts.
    public init(links: UInt64, owner: UInt32, stored: Int64, size: Int64) {
        self.links = links
        self.owner = owner
        self.stored = stored
        self.size = size
    }

    /// From this size on it is asked how much of a file is holes: 1 GiB.
    static let sparseFrom: Int64 = 1 << 30
    /// A file of which less than one byte in so many is stored is mostly holes.
    static let sparseRatio: Int64 = 16

    /// Whether it is large, and far less of it is on the disk than it is long.
    var isMostlyHoles: Bool { size > Self.sparseFrom && stored < size / Self.sparseRatio }
}
