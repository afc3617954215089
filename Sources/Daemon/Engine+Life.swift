// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue

extension Engine {
    /// Tells the service manager that work can be done, as often as it asks for it.
    ///
    /// A sign of life is sent only after the queue has answered and the dispatcher was woken, never
    /// by a bare timer: a daemon that hangs is restarted.
    func showLife() async {
        guard let interval = manager.watchdogInterval else { return }
        while !Task.isCancelled {
            if let counts = try? await queue.counts() {
                manager.alive()
                manager.status(summary(counts))
            }
            dispatcher.wake()
            try? await Task.sleep(for: .nanoseconds(interval.nanoseconds / 3))
        }
    }

    private func summary(_ counts: JobCounts) -> String {
        let shown = "\(counts.running) running, \(counts.waiting) waiting, \(counts.dead) dead"
        let parked = gate.problems.keys.sorted()
        return shown + (parked.isEmpty ? "" : "; parked: \(parked.joined(separator: ", "))")
    }
}
