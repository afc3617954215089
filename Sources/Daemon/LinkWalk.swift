// SPDX-License-Identifier: Apache-2.0

import Jobs

/// How far a walk over all links has come that looks for those to be renewed before they are late.
struct LinkWalk: Sendable {
    /// Why links are renewed before they are late: by stores, the keys that sign their links for good.
    private(set) var signers: [String: Int64] = [:]
    /// The last link that was looked at; nothing when none is to be.
    private(set) var place: UniqueID??

    /// Begins anew: templates may have changed.
    mutating func begin() { place = .some(nil) }

    /// Takes in which keys sign now; begins anew when one is another.
    mutating func take(_ signers: [String: Int64]) {
        // What cannot be asked now is as it was.
        let merged = self.signers.merging(signers) { _, new in new }
        guard merged != self.signers else { return }
        self.signers = merged
        begin()
    }

    /// Goes on after a step; with no last link it is over.
    mutating func goOn(after last: UniqueID?, from place: UniqueID?) {
        // It may have begun anew meanwhile.
        guard self.place == .some(place) else { return }
        self.place = last.map { .some($0) } ?? .none
    }
}
