// SPDX-License-Identifier: Apache-2.0

import Jobs
import Publish
import Queue

extension Publisher {
    /// Events that are noted at a time.
    private static let settlingBatch = 500

    /// Finds out what manifests have of batches that failed and could not be cut off again: before any
    /// other event gets a higher number.
    ///
    /// What they have is noted, and its jobs come again and end; the rest is taken back.
    func settleManifests() async throws(QueueError) {
        for (name, sink) in sinks where !sink.isCertain {
            // Where the file cannot be read yet, the round fails, and says why.
            guard let last = try? sink.lookAgain() else { continue }
            while true {
                let told = try await queue.undelivered(to: name, limit: Self.settlingBatch)
                    .filter { $0.sequence <= last }
                guard !told.isEmpty else { break }
                try await persist { () throws(QueueError) in
                    try await queue.confirm(lines: told, at: WallClock.now(), ending: false)
                }
            }
            try await takeBackOpen(of: name, sink)
            // Only now: whatever goes wrong before has the next round begin here.
            sink.settle()
        }
    }

    /// Takes back the events of a sink that could not be told in a round, so that they are told anew.
    ///
    /// While it is not certain what the file holds they keep their numbers instead, until it is settled.
    func takeBack(_ deliveries: [Delivery], _ name: String) async throws(QueueError) {
        guard let sink = sinks[name], sink.isCertain else { return }
        try await queue.withdraw(deliveries, shown: sink.shownSequence)
        try await raiseSequence(of: name)
    }

    /// Takes back all that a sink was not told.
    func takeBackOpen(of name: String, _ sink: ManifestSink) async throws(QueueError) {
        var count = 1
        while count > 0 {
            try await persist { () throws(QueueError) in
                count = try await queue.withdrawLatest(of: name, shown: sink.shownSequence)
            }
        }
        try await persist { () throws(QueueError) in try await raiseSequence(of: name) }
    }

    /// Lets later events have higher numbers than the file has: it may have been replaced by one that
    /// is further on.
    private func raiseSequence(of name: String) async throws(QueueError) {
        guard let last = sinks[name]?.lastSequence else { return }
        try await queue.raiseSequence(of: name, to: last)
    }
}
