// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

/// How many files may be on their way at the same time, and how many are.
///
/// A large file keeps a connection and buffers busy for long; a small one mostly waits for an answer,
/// so that many more of them do no harm. How many requests really run at once is found out below, by
/// what makes a store faster.
struct TransferPlaces: Sendable {
    private let large: Int
    private let all: Int
    private var takenByLarge = 0
    private var taken = 0

    /// Makes the places that limits allow.
    init(_ limits: Limits) {
        all = limits.transfers ?? 256
        // One is kept for small files, so that none waits for hours behind large ones.
        large = limits.transfers.map { $0 < 4 ? $0 : $0 - 1 } ?? 16
    }

    /// How many are on their way.
    var count: Int { taken }

    /// Takes a place for a file of so many bytes, if there is one.
    mutating func take(size: Int64) -> Bool {
        let isLarge = Lane.isLarge(size)
        guard taken < all, !isLarge || takenByLarge < large else { return false }
        taken += 1
        if isLarge { takenByLarge += 1 }
        return true
    }

    /// Gives back the place of a file of so many bytes.
    mutating func giveBack(size: Int64) {
        taken -= 1
        if Lane.isLarge(size) { takenByLarge -= 1 }
    }

    /// The places that other limits allow, with those taken that are taken.
    func changed(to other: TransferPlaces) -> TransferPlaces {
        var places = other
        (places.taken, places.takenByLarge) = (taken, takenByLarge)
        return places
    }
}
