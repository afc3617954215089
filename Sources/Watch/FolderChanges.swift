// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Jobs

/// Tells that the files of one folder were edited, added or removed.
///
/// It is for a folder of settings, and so tells less than `FolderWatcher` and more: nothing of which
/// file it was, but also that one went away. What follows in quick succession (an editor's
/// temporary file and its rename, several files being copied) is told once, when it has been quiet for
/// a moment. The folder may be replaced, made later, or be a link that is turned to another one.
public final class FolderChanges: Sendable {
    /// One element for each time something changed, the latest only while nobody takes it; and one
    /// at the start, since something may have changed before it.
    public let changes: AsyncStream<Void>
    private let orders: FolderOrders

    /// Starts to follow a folder, on a thread that sleeps while nothing happens.
    ///
    /// - Parameters:
    ///   - path: The folder, absolute; it need not be there.
    ///   - ending: How the names end that matter.
    ///   - quiet: How long nothing must have happened.
    /// - Throws: `WatchError` when no thread, or no pipe to wake it, can be had.
    public init(
        of path: String,
        ending: [String],
        quiet: Span = .milliseconds(300)
    ) throws(WatchError) {
        let (changes, teller) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let orders = try FolderOrders(path)
        self.changes = changes
        self.orders = orders
        try WatchThread.start {
            FolderFollower(orders, ending: ending, quiet: quiet, teller).run()
        }
    }

    deinit { orders.stop() }

    /// Follows another folder from now on.
    public func follow(_ path: String) { orders.follow(path) }

    /// Ends it, and `changes`.
    public func stop() { orders.stop() }
}
