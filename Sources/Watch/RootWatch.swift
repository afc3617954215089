// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// One watched root: its folders, the files settling in it, and the scan that is under way.
///
/// It lives on the watcher's thread, which gives it a turn whenever there may be something to do. A
/// turn is short: it reads events first, so that scans and looks never keep them waiting.
/// The rest of it: `+Attaching`, `+Events`, `+Folders`, `+Scanning`, `+Looks`.
final class RootWatch {
    let folder: WatchedFolder
    let options: WatchOptions
    var rules: FileRules
    /// What was read of the folder's own rules, and when it was last changed.
    var ignoreStamp: FileStamp?

    /// The events of this root; nothing when there are too many instances on the machine.
    var inotify: Inotify?
    /// Open folders; nothing while the root is away.
    var open: OpenFolders?
    var folders = FolderTable()
    var table: SettleTable
    /// Why the root is away, once that was reported.
    var absence: String?

    /// Folders that have left their place and not yet come to another, with their cookies.
    var leaving: Set<FolderID> = []
    var cookies: [UInt32: FolderID] = [:]

    var scan = Scan()
    /// Moments of the uptime clock at which to do things.
    var checkAt = Span.zero
    var rescanAt = Span.zero

    /// When what cannot be watched is looked through, and what is left of a quick look.
    var poll: PollPlan
    var quickLeft: [FolderID] = []
    /// Whether the kernel may have room for another watch, as far as this look knows.
    var mayWatchMore = true
    /// The file systems that were met, by device: their names where others change them too, or "".
    var devices: [UInt64: String] = [:]
    /// What is polled since inotify is blind there, by the file system's name.
    var polled: [String: String] = [:]

    var pace: Pace
    var warnings = WarningLimit()
    /// Folders that could not be read when they were looked at last.
    var closed: Set<FileName> = []
    private var reports: [Report] = []
    var settled: [Settled] = []
    /// Names that may have been taken away, since they were told last.
    var removed: [FileName] = []

    init(_ folder: WatchedFolder, _ options: WatchOptions) {
        self.folder = folder
        self.options = options
        rules = FileRules(folder.filter, ready: folder.ready)
        table = SettleTable(rule: SettleRule(folder, options))
        poll = PollPlan(every: folder.watching.pollInterval)
        pace = Pace(ready: folder.ready, settle: table.rule.least)
    }

    /// Does a slice of what is to be done; `hasRoom` is false while the consumer is behind.
    func turn(_ time: Time, hasRoom: Bool) {
        if time.uptime >= checkAt {
            check(time)
            readIgnoreFile(time)
        }
        guard open != nil else { return }
        readEvents(time)
        if time.uptime >= rescanAt { orderScan() }
        if time.uptime >= poll.nextAt { pollUnwatched(time) }
        if hasRoom {
            scanSlice(time)
            pollSlice(time)
            lookSlice(time)
        }
        if table.count == 0, !scan.isBusy, !poll.isRunning { open?.closeAll() }
    }

    /// How long nothing needs to be done unless an event comes.
    func pause(_ time: Time, hasRoom: Bool) -> Span {
        var pause = checkAt - time.uptime
        guard open != nil else { return pause }
        pause = min(pause, rescanAt - time.uptime)
        if !folders.unwatched.isEmpty, !scan.isBusy, !poll.isRunning {
            pause = min(pause, poll.nextAt - time.uptime)
        }
        guard hasRoom else { return pause }
        if scan.isBusy, !isFull { return .zero }
        if poll.isRunning, !scan.isBusy { return .zero }
        if let due = table.nextDue { pause = min(pause, due + pace.slack - time.now) }
        return pause
    }

    /// Whether so many files are settling that scans must wait.
    ///
    /// Those that may wait for long do not
    /// count, or a few stuck writers could stop scans for good.
    var isFull: Bool { table.count - table.stalled >= options.settlingLimit }

    func report(_ report: Report) { reports.append(report) }

    /// Tells people about something, unless as much was told lately.
    func warn(_ kind: WarningLimit.Kind, _ time: Time, _ text: @autoclosure () -> String) {
        guard let held = warnings.admit(kind, at: time.uptime) else { return }
        let suffix = held > 0 ? " (and \(held) more such)" : ""
        reports.append(.warning(template: folder.template, text: text() + suffix))
    }

    /// Takes what there is to tell.
    func takeReports() -> [Report] {
        if !settled.isEmpty {
            reports.append(.settled(settled))
            settled = []
        }
        if let removals = takeRemovals() { reports.append(removals) }
        defer { reports = [] }
        return reports
    }

    /// Whether a name is the file that tells that the root is mounted; it is no file to upload.
    func isMarker(_ name: [UInt8], in folder: FolderID) -> Bool {
        guard folder == FolderTable.root, let marker = self.folder.watching.marker else {
            return false
        }
        return name.elementsEqual(marker.utf8)
    }

    /// A name as people may be shown it, with the root.
    func shown(_ name: FileName) -> String {
        name.bytes.isEmpty ? folder.root : "\(folder.root)/\(name)"
    }

    func shown(_ part: [UInt8], in parent: FolderID) -> String {
        shown((folders.name(of: parent) ?? FileName(bytes: [])).appending(part))
    }
}

/// The two clocks of one turn: the wall clock, which files' times are on, and the time since boot,
/// which nobody sets.
struct Time {
    var now: Timestamp
    var uptime: Span
}

extension Span {
    static func + (a: Span, b: Span) -> Span { Span(nanoseconds: a.nanoseconds &+ b.nanoseconds) }

    static func - (a: Span, b: Span) -> Span { Span(nanoseconds: a.nanoseconds &- b.nanoseconds) }
}

extension SettleRule {
    init(_ folder: WatchedFolder, _ options: WatchOptions) {
        let polls = Span(nanoseconds: folder.watching.pollInterval.nanoseconds * 2)
        self.init(
            ready: folder.ready,
            settle: folder.settle,
            cautious: options.cautious,
            remote: max(.seconds(60), polls)
        )
        // The sidecar says what a wait is for otherwise.
        if case .sidecar = ready {
            settle = .zero
            cautious = .zero
        }
    }
}
