// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

extension LinkPool {
    /// How much a line may do.
    struct Bounds: Sendable {
        /// Visits under way at the same time.
        var places: VisitPlaces
        /// Visits that are begun in a second; fewer while files are on their way.
        var rates: (usual: Int64, besideFiles: Int64)
    }

    /// A visit that asks a store, and has a place.
    struct Visit: Sendable {
        let link: DueLink
        let decision: VisitDecision
    }

    /// What a round found to do.
    struct Round: Sendable {
        /// When the line was read.
        let readAt: Timestamp
        /// Visits to be made.
        var visits: [Visit] = []
        /// What was stored, and needed no store.
        var stored = 0
        /// Whether the line was not read to its end, though there are places.
        var isMore = false

        /// Whether there is nothing to do until something happens.
        var isIdle: Bool { visits.isEmpty && stored == 0 && !isMore }
    }
}
