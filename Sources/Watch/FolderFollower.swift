// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// The thread behind `FolderChanges`.
///
/// The kernel tells of the folder's files and, by way of the folder above it, that the folder itself
/// is made, replaced or turned elsewhere. What it does not tell of (files behind links, network file
/// systems, a folder further up) a look at the stamps finds now and then.
final class FolderFollower {
    /// How long a change is held back at most, while others follow it.
    private static let longest = Span.milliseconds(1_200)
    /// How often the stamps are looked at: where the kernel tells of changes, and where it cannot.
    private static let lookEvery = (told: Span.seconds(30), untold: Span.seconds(1))

    private let orders: FolderOrders
    private let ending: [[UInt8]]
    private let quiet: Span
    private let teller: AsyncStream<Void>.Continuation
    private let inotify = try? Inotify()
    private var watches: (folder: Int32, above: Int32)?
    private var seen: FolderStamps
    /// When what changed is told, and when at the latest.
    private var due: (at: Span, latest: Span)?
    /// Whether to look again at once: something may have changed just before it was watched.
    private var looksAgain = false

    init(
        _ orders: FolderOrders,
        ending: [String],
        quiet: Span,
        _ teller: AsyncStream<Void>.Continuation
    ) {
        self.orders = orders
        self.ending = ending.map { Array($0.utf8) }
        self.quiet = quiet
        self.teller = teller
        seen = FolderStamps()
    }

    /// Runs until told to stop.
    func run() {
        var followed: String?
        while let path = orders.take() {
            if followed != path {
                followed = path
                watches = nil
                due = (uptime, uptime)
            }
            if takeEvents(path) { postpone() }
            let stamps = FolderStamps(of: path, ending: ending)
            looksAgain = stamps.folder != seen.folder || watches == nil
            if looksAgain { attach(path) }
            if stamps != seen { postpone() }
            seen = stamps
            tell()
            sleep()
        }
        teller.finish()
    }

    /// Reads what has happened; says whether it was to a file that matters.
    private func takeEvents(_ path: String) -> Bool {
        guard let inotify else { return false }
        var matters = false
        var isLost = false
        var goesOn = true
        while goesOn {
            goesOn =
                (try? inotify.read { event in
                    let isOurs = event.watch == watches?.folder
                    let isFile = isOurs && ending.contains { event.name.ends(with: $0) }
                    // Dropped events may have been to anything.
                    if isFile || event.has(IN_Q_OVERFLOW) { matters = true }
                    // The next folder at the path may even have the same number.
                    if isOurs, event.has(IN_IGNORED) { isLost = true }
                }) ?? false
        }
        if isLost { watches = nil }
        return matters
    }

    private func postpone() {
        let now = uptime
        let latest = due?.latest ?? now + Self.longest
        due = (min(now + quiet, latest), latest)
    }

    private func tell() {
        guard let due, due.at <= uptime else { return }
        self.due = nil
        teller.yield()
    }

    private func sleep() {
        guard !looksAgain else { return }
        let isTold = watches.map { $0.folder >= 0 } == true && !seen.hasLinks
        var pause = isTold ? Self.lookEvery.told : Self.lookEvery.untold
        if let due { pause = min(pause, max(due.at - uptime, .zero)) }
        var waits = [pollfd(fd: orders.wakeUp, events: Int16(POLLIN), revents: 0)]
        if let inotify {
            waits.append(
                pollfd(fd: inotify.descriptor.number, events: Int16(POLLIN), revents: 0)
            )
        }
        let milliseconds = Int32(clamping: (pause.nanoseconds + 999_999) / 1_000_000)
        _ = unsafe poll(&waits, nfds_t(waits.count), milliseconds)
    }

    /// Watches the folder that is at the path now, and the one above it.
    private func attach(_ path: String) {
        guard let inotify else { return }
        if let watches {
            for watch in [watches.folder, watches.above] where watch >= 0 { inotify.drop(watch) }
        }
        let above = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        watches = (
            folder: inotify.watch(path, Self.ofFolder),
            above: inotify.watch(above.isEmpty ? "/" : above, Self.ofNames)
        )
    }

    private static let ofNames = UInt32(
        IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF
    )
    private static let ofFolder = ofNames | UInt32(IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB)

    private var uptime: Span {
        var uptime = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &uptime)
        return Span(nanoseconds: Int64(uptime.tv_sec) * 1_000_000_000 + Int64(uptime.tv_nsec))
    }
}

extension Inotify {
    /// Watches what is at a path, for these events; negative where that cannot be.
    fileprivate func watch(_ path: String, _ events: UInt32) -> Int32 {
        unsafe inotify_add_watch(descriptor.number, path, events | UInt32(IN_ONLYDIR))
    }
}
