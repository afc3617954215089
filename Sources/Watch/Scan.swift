// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What of a root is to be listed, and how far that has come.
///
/// Listings are counted. An order names the count from which on a listing will do, so a folder that
/// several orders ask for is listed once.
struct Scan {
    struct Order {
        var folder: FolderID
        var foundBy: FoundBy
        /// A listing with this number or a later one will do.
        var since: UInt32
        /// Whether the folders in it that are known already are listed too.
        var isDeep = true
    }

    /// The folder being listed, which may take several turns.
    struct Current {
        var listing: Listing
        var order: Order
        /// The number of this listing.
        var number: UInt32
    }

    /// A scan of the whole root.
    struct Whole {
        var foundBy: FoundBy
        var files = 0
        var folders = 0
        /// The root could not be listed, so this counts for nothing.
        var isBroken = false
    }

    private(set) var orders: [Order] = []
    var current: Current?
    var whole: Whole?
    /// Whether another scan of the whole root must follow the running one.
    var isWanted = false
    /// Whether a scan of the whole root has ever ended: until then it finds what was there before.
    private(set) var hasEnded: Bool
    private(set) var listings: UInt32
    /// Files found and not yet compared with what is known.
    var batch: [(place: SettleTable.Place, sighting: Sighting, foundBy: FoundBy)] = []

    init(hasEnded: Bool = false, listings: UInt32 = 0) {
        self.hasEnded = hasEnded
        self.listings = listings
    }

    /// Whether there is something to do.
    var isBusy: Bool { current != nil || !orders.isEmpty || !batch.isEmpty || whole != nil }

    /// Orders a folder, with all beneath it, to be listed anew.
    mutating func push(_ folder: FolderID, _ foundBy: FoundBy, isDeep: Bool = true) {
        orders.append(
            Order(folder: folder, foundBy: foundBy, since: listings + 1, isDeep: isDeep)
        )
    }

    /// Orders a folder that was found inside a listed one.
    mutating func push(_ folder: FolderID, as outer: Order) {
        orders.append(Order(folder: folder, foundBy: outer.foundBy, since: outer.since))
    }

    mutating func nextOrder() -> Order? { orders.popLast() }

    mutating func nextNumber() -> UInt32 {
        listings += 1
        return listings
    }

    /// Orders the whole root, now or after the running scan of it.
    mutating func orderWhole() {
        guard whole == nil else {
            isWanted = true
            return
        }
        whole = Whole(foundBy: hasEnded ? .rescan : .startScan)
        push(FolderTable.root, hasEnded ? .rescan : .startScan)
    }

    /// Ends the scan of the whole root, if one runs and nothing is left to list.
    mutating func endWhole() -> Whole? {
        guard let ended = whole, current == nil, orders.isEmpty, batch.isEmpty else { return nil }
        whole = nil
        if !ended.isBroken { hasEnded = true }
        if isWanted {
            isWanted = false
            orderWhole()
        }
        return ended
    }
}
