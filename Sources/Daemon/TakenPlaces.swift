// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

/// Which places of a line are taken while it is read.
struct TakenPlaces {
    private let places: (all: Int, ofStore: Int)
    private var links: Set<UniqueID>
    private var counts: [String: Int] = [:]

    /// Those of the links that are under way.
    ///
    /// One may end while the line is read, and is not due then though it was read as due; so it counts
    /// until the end.
    init(_ underWay: [UniqueID: String], _ bounds: LinkPool.Bounds) {
        places = bounds.places
        links = Set(underWay.keys)
        for store in underWay.values { counts[store, default: 0] += 1 }
    }

    func has(_ link: DueLink) -> Bool { links.contains(link.link.id) }

    func count(of store: String) -> Int { counts[store, default: 0] }

    func free(of store: String) -> Int {
        min(places.all - links.count, places.ofStore - count(of: store))
    }

    /// Takes a place for a link, if there is one.
    mutating func take(_ link: DueLink) -> Bool {
        let store = link.job.template.store
        guard free(of: store) > 0 else { return false }
        links.insert(link.link.id)
        counts[store, default: 0] += 1
        return true
    }
}
