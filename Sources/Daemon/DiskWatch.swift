// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue

/// Says once that the queue's disk is full, and has work go on by itself once there is room.
struct DiskWatch: Sendable {
    private static let pause = Duration.seconds(2)

    let queue: Queue
    /// The state folder.
    let folder: String
    /// Called when there is room again.
    let onRoom: @Sendable () -> Void
    let logger: Logger

    /// Looks every two seconds while the disk is full, until the task is cancelled.
    func run() async {
        var isTold = false
        for await _ in queue.fullDisks {
            while queue.isDiskFull, !Task.isCancelled {
                look(&isTold)
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    /// Looks once; `isTold` says whether the outage was logged.
    func look(_ isTold: inout Bool) {
        guard queue.isDiskFull else { return }
        if !isTold { logger.error("\(Self.sentence(folder))") }
        isTold = true
        guard queue.lookForRoom() else { return }
        isTold = false
        logger.notice("there is room on the disk of \(folder) again; work goes on")
        onRoom()
    }

    /// What a full disk means, and what to do.
    static func sentence(_ folder: String) -> String {
        "no space left on the disk of \(folder); what is under way is recorded, nothing new is "
            + "begun and no file is forgotten: free 8 MiB or more there, and it goes on by itself"
    }
}
