// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Jobs

/// Watches folders and reports the files in them that have settled.
///
/// Start here: make one watcher for the whole program, tell it to `watch` each template's folder, and
/// take its reports with `next()` in a loop. A report is made once for each time a file settles; the
/// consumer compares stamps, so that a second sighting of the same bytes is nothing.
///
/// Nothing is missed: a folder is watched before it is listed (`mkdir -p a/b && cp` cannot slip
/// through); when the kernel drops events, the root is scanned; folders that the kernel will not
/// or cannot watch (NFS and the like) are polled; roots may vanish and come back; and each root is
/// scanned once an hour.
///
/// Nothing outside is touched: below a root everything is opened by openat2(2) beneath it, no link
/// is followed, and FIFOs, sockets and devices are not opened.
///
/// All of it happens on one thread, asleep while nothing happens (it wakes every 30 s to see that
/// roots are where they were; the kernel tells of mounts and most else). `RootWatch` is one root, `SettleRule` decides when a file is whole.
public final class FolderWatcher: Sendable {
    private let mailbox: Mailbox
    private let now: @Sendable () -> Timestamp

    /// Starts the watcher's thread.
    ///
    /// The process ignores SIGIO from then on: asking the kernel whether a file has a writer takes a
    /// lease on it, and its breaking would send that signal, which kills by default.
    public init(
        _ options: WatchOptions = WatchOptions(),
        now: @escaping @Sendable () -> Timestamp
    ) throws(WatchError) {
        _ = signal(SIGIO, SIG_IGN)
        let mailbox = try Mailbox(reportLimit: options.reportLimit)
        self.mailbox = mailbox
        self.now = now
        try WatchThread.start { WatchLoop(mailbox, options, now: now).run() }
    }

    deinit { mailbox.stop() }

    /// Watches a folder from now on, in place of the one watched for the same template, if any.
    public func watch(_ folder: WatchedFolder) {
        _ = mailbox.send { $0.add(folder) }
    }

    /// Stops watching a template's folder; files settling in it are forgotten.
    public func unwatch(template: String) {
        _ = mailbox.send { $0.remove(template) }
    }

    /// Waits for the next reports: all there are, in one batch.
    ///
    /// Returns nothing once the watcher has stopped and all was taken, or when the task is
    /// cancelled. There is one consumer: a second one waiting at the same time gets nothing. While
    /// it is behind by `WatchOptions.reportLimit` files, files settle no further and scans wait.
    public func next() async -> [Report]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { mailbox.take($0) }
        } onCancel: {
            mailbox.cancel()
        }
    }

    /// Takes back a file that could not be used yet (its key is taken, it changed while it was
    /// sent): it is reported again, once it has settled, but not before `span` has passed.
    ///
    /// A file that is gone by then is forgotten.
    public func lookAgain(_ name: FileName, template: String, after span: Span) {
        _ = mailbox.send { loop in
            loop.root(of: template)?.lookAgain(name, after: span, loop.time)
        }
    }

    /// Says what the watcher makes of a name beneath a template's folder.
    public func status(of name: FileName, template: String) async -> WatchStatus {
        await ask(otherwise: .notWatched) { loop in
            loop.root(of: template)?.status(of: name, loop.time) ?? .notWatched
        }
    }

    /// Says whether a template's folder is there at this moment, its marker included.
    ///
    /// Whoever takes a missing file for gone must ask this afterwards: the folder may be a mount point
    /// without its mount. True when no folder is watched under that name.
    public func isThere(template: String) async -> Bool {
        await ask(otherwise: true) { loop in
            loop.root(of: template)?.isThere(loop.time) ?? true
        }
    }

    /// Says why a template's folder counts as away, if it does.
    public func absence(template: String) async -> String? {
        await ask(otherwise: nil) { loop in loop.root(of: template)?.absence }
    }

    /// Says what of a template's folder is polled and why, a sentence each.
    public func notes(template: String) async -> [String] {
        await ask(otherwise: []) { loop in loop.root(of: template)?.notes ?? [] }
    }

    /// Says which folders beneath a template's folder cannot be read, in a sentence, if there are any.
    public func closedFolders(template: String) async -> String? {
        await ask(otherwise: nil) { loop in loop.root(of: template)?.closedFolders() }
    }

    private func ask<Answer: Sendable>(
        otherwise: Answer,
        _ question: @escaping @Sendable (WatchLoop) -> Answer
    ) async -> Answer {
        await withCheckedContinuation { (waiter: CheckedContinuation<Answer, Never>) in
            let isTaken = mailbox.send { loop in waiter.resume(returning: question(loop)) }
            if !isTaken { waiter.resume(returning: otherwise) }
        }
    }

    /// Says whether more files beneath a folder of a template's root are to be reported.
    ///
    /// What settled before the answer was posted: it has been taken once a `mark` has come that was
    /// made after it.
    public func stillness(beneath folder: FileName, template: String) async -> Stillness {
        await withCheckedContinuation { (waiter: CheckedContinuation<Stillness, Never>) in
            let isTaken = mailbox.send { loop in
                waiter.resume(
                    returning: loop.root(of: template)?.stillness(beneath: folder) ?? .notWatched
                )
            }
            if !isTaken { waiter.resume(returning: .notWatched) }
        }
    }

    /// Has `Report.mark` come, after all that was reported before.
    ///
    /// - Returns: False when the watcher has stopped, so that none will come.
    public func mark(_ number: Int) -> Bool { mailbox.send { $0.report(.mark(number)) } }

    /// Stops all watching; `next()` returns nothing once the thread has ended.
    public func stop() { mailbox.stop() }

    /// Runs something on the watcher's thread, which does nothing else meanwhile; for tests.
    func hold(_ body: @escaping @Sendable () -> Void) {
        _ = mailbox.send { _ in body() }
    }
}
