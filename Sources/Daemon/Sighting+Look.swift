// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

extension Queue {
    /// Says which files need no look because the queue has their very content, handled or on its
    /// way.
    func has(_ files: [SettledFile], template: String) async throws(QueueError) -> [Bool] {
        try await look(up: files, template: template).map { sighting in
            switch sighting {
            case .known, .queued: true
            case .new, .changed, .sameSize: false
            }
        }
    }
}
