// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

/// How many visits to links may be under way at the same time.
struct VisitPlaces: Hashable, Sendable {
    /// To links of all stores together.
    var all: Int
    /// To links of one store.
    var ofStore: Int
    /// Those that only a store gets which has none: a few stores that hang leave each other one a place.
    var forFirst: Int { all / 4 }
}

/// Which places are taken while it is read what is due.
struct TakenPlaces {
    private let places: VisitPlaces
    private var links: Set<UniqueID>
    private var counts: [String: Int] = [:]

    /// Those of the links that are under way.
    ///
    /// One may end while it is read what is due, and is not due then though it was read as due; so it
    /// counts until the end.
    init(_ underWay: [UniqueID: String], _ places: VisitPlaces) {
        self.places = places
        links = Set(underWay.keys)
        for store in underWay.values { counts[store, default: 0] += 1 }
    }

    func has(_ link: DueLink) -> Bool { links.contains(link.link.id) }

    func count(of store: String) -> Int { counts[store, default: 0] }

    func free(of store: String) -> Int {
        let free = places.all - links.count
        let count = count(of: store)
        let more = min(free - places.forFirst, places.ofStore - count)
        return max(more, count == 0 ? min(free, 1) : 0)
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
