// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// How a watcher goes about it; the defaults are right for anything but a test.
public struct WatchOptions: Sendable {
    /// How often a root that is away is looked for, and one that is there is checked to be still the
    /// folder at its path; default 5 s.
    public var checkEvery: Span = .seconds(5)
    /// The same of a root where the kernel itself tells of most changes (mounts, and moves of the
    /// root); default 30 s.
    ///
    /// It does not tell that a folder above the root was renamed, or a link on the way to it changed.
    public var checkWatchedEvery: Span = .seconds(30)
    /// How long a file must be unchanged when nobody can tell whether it is being written;
    /// default 30 s.
    public var cautious: Span = .seconds(30)
    /// How many settling files make scans wait; default 16,384 (about 4 MB).
    public var settlingLimit = 16_384
    /// How many reported files may wait for the consumer before looks and scans pause; default 1,024.
    public var reportLimit = 1_024
    /// Names the file systems that others change too by their magic numbers; tests name others.
    var remoteName: @Sendable (Int64) -> String? = { FileSystem.remoteName(magic: $0) }
    /// How many folders may be watched, for tests of exhaustion; the kernel has its own limit.
    var folderLimit = Int.max

    /// Makes options with every default.
    public init() {}
}
