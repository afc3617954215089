// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// One folder to watch, for one template.
///
/// Two templates may watch the same or nested folders; each is reported to under its own name.
public struct WatchedFolder: Sendable {
    /// Answers, for sightings of a scan (at most 256 at a time), which of them need no look.
    ///
    /// It is called on the watcher's thread and holds up all watching, so one indexed look-up a file
    /// is the right size. An answer of another length counts as "none is known".
    public typealias Known = @Sendable (_ sightings: [Sighting], _ foundBy: FoundBy) -> [Bool]

    /// The name of the template; reports carry it.
    public var template: String
    /// The folder, absolute.
    ///
    /// It need not exist: it is looked for until it does.
    public var root: String
    /// What tells that a file is whole.
    public var ready: Ready
    /// Which files are taken.
    public var filter = FileFilter()
    /// How long a file must be unchanged; nothing: as long as what is known of it asks for.
    public var settle: Span?
    /// How it is watched.
    public var watching: WatchSettings
    /// Whether files that are taken away are reported; default no.
    public var tellsRemovals = false
    /// Filters what scans find, so that a million known files never take up memory.
    public var known: Known?

    /// Makes the order to watch a folder.
    public init(
        template: String,
        root: String,
        ready: Ready = .settle,
        settle: Span? = nil,
        watching: WatchSettings = WatchSettings(),
        known: Known? = nil
    ) {
        self.template = template
        self.root = root
        self.ready = ready
        self.settle = settle
        self.watching = watching
        self.known = known
    }
}
