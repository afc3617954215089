// SPDX-License-Identifier: Apache-2.0

/// How a template's folder is watched.
///
/// No part of a job's snapshot: a job that is queued is not affected by it.
public struct WatchSettings: Hashable, Sendable {
    /// How changes are noticed; default `auto`.
    public var mode: WatchMode
    /// How often what cannot be watched is looked through; default 30 s.
    public var pollInterval: Span
    /// How often all is looked through even so, give or take a quarter; default 1 h.
    public var rescanInterval: Span
    /// The folder counts as there only while it holds this name; default none.
    public var marker: String?

    /// Makes settings; every default is the one the documentation names.
    public init(
        mode: WatchMode = .auto,
        pollInterval: Span = .seconds(30),
        rescanInterval: Span = .seconds(3_600),
        marker: String? = nil
    ) {
        self.mode = mode
        self.pollInterval = pollInterval
        self.rescanInterval = rescanInterval
        self.marker = marker
    }
}

/// How changes in a folder are noticed.
public enum WatchMode: String, Hashable, Sendable, CaseIterable {
    /// By inotify, and by polling where it cannot be relied upon (NFS, CIFS, FUSE, 9p …).
    case auto
    /// By inotify everywhere.
    case inotify
    /// By polling everywhere.
    case poll
}
