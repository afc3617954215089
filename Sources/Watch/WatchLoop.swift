// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// The watcher's thread: gives each root its turns, and sleeps in poll(2) in between.
final class WatchLoop {
    private let mailbox: Mailbox
    private let options: WatchOptions
    private let mounts: MountTable?
    private let now: @Sendable () -> Timestamp
    private var roots: [RootWatch] = []
    private var lastNow: Timestamp

    init(_ mailbox: Mailbox, _ options: WatchOptions, now: @escaping @Sendable () -> Timestamp) {
        self.mailbox = mailbox
        mounts = MountTable()
        var options = options
        if mounts == nil { options.checkWatchedEvery = options.checkEvery }
        self.options = options
        self.now = now
        lastNow = now()
    }

    /// Runs until the mailbox says to stop.
    func run() {
        while let orders = mailbox.takeOrders() {
            for order in orders { order(self) }
            let time = time
            noticeClock(time)
            let hasRoom = mailbox.hasRoom
            var reports: [Report] = []
            for root in roots {
                root.turn(time, hasRoom: hasRoom)
                reports.append(contentsOf: root.takeReports())
            }
            mailbox.post(reports)
            sleep()
        }
        roots = []
        mailbox.end()
    }

    /// The clocks at this moment.
    var time: Time {
        var uptime = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &uptime)
        let nanoseconds = Int64(uptime.tv_sec) * 1_000_000_000 + Int64(uptime.tv_nsec)
        return Time(now: now(), uptime: Span(nanoseconds: nanoseconds))
    }

    /// Starts to watch a folder; one watched under the same template's name is let go.
    func add(_ folder: WatchedFolder) {
        remove(folder.template)
        roots.append(RootWatch(folder, options))
    }

    /// Stops watching a template's folder.
    func remove(_ template: String) {
        roots.removeAll { $0.folder.template == template }
    }

    /// Reports something that is no root's.
    func report(_ report: Report) { mailbox.post([report]) }

    /// The root watched for a template.
    func root(of template: String) -> RootWatch? {
        roots.first { $0.folder.template == template }
    }

    private func noticeClock(_ time: Time) {
        if lastNow - time.now > .seconds(1) {
            for root in roots { root.table.clockWasSetBack(to: time.now) }
        }
        lastNow = time.now
    }

    private func sleep() {
        let time = time
        let hasRoom = mailbox.hasRoom
        var pause = Span.seconds(3_600)
        for root in roots { pause = min(pause, root.pause(time, hasRoom: hasRoom)) }
        var waits = [pollfd(fd: mailbox.wakeUp, events: Int16(POLLIN), revents: 0)]
        for root in roots {
            guard let inotify = root.inotify else { continue }
            let rest = root.pace.restUntil - time.uptime
            if rest > .zero {
                pause = min(pause, rest)
                continue
            }
            waits.append(
                pollfd(fd: inotify.descriptor.number, events: Int16(POLLIN), revents: 0)
            )
        }
        let mountsAt = waits.count
        if let wait = mounts?.wait { waits.append(wait) }
        guard pause > .zero else { return }
        // Rounded up: awake a moment early, it would spin until the moment has come.
        let milliseconds = Int32(clamping: (pause.nanoseconds + 999_999) / 1_000_000)
        guard unsafe poll(&waits, nfds_t(waits.count), milliseconds) > 0 else { return }
        let isMountChanged = waits[mountsAt...].contains { $0.revents != 0 }
        if isMountChanged { for root in roots { root.checkAt = .zero } }
    }
}
