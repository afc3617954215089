// SPDX-License-Identifier: Apache-2.0

import Jobs

/// How far a walk over all links has come: first over those that can be renewed before they are late,
/// then over those that have ended and whose objects may be kept no longer.
struct LinkWalk: Sendable {
    /// A part of the way.
    enum Place: Hashable, Sendable {
        /// Among the links that work or may be renewed, after this one.
        case kept(after: UniqueID?)
        /// Among those that have ended and have an object, after this one.
        case lapsed(after: UniqueID?)
    }

    /// Why links are renewed before they are late: by stores, the keys that sign their links for good.
    private(set) var signers: [String: Int64] = [:]
    /// What is to be looked at next; nothing when the walk is over.
    private(set) var place: Place?

    /// Begins anew: templates may have changed.
    mutating func begin() { place = .kept(after: nil) }

    /// Takes in which keys sign now; begins anew when one is another.
    mutating func take(_ signers: [String: Int64]) {
        // What cannot be asked now is as it was.
        let merged = self.signers.merging(signers) { _, new in new }
        guard merged != self.signers else { return }
        self.signers = merged
        begin()
    }

    /// Goes on after a step; with no last link its part of the way is over.
    mutating func goOn(after last: UniqueID?, from place: Place) {
        // It may have begun anew meanwhile.
        guard self.place == place else { return }
        self.place =
            switch (place, last) {
            case (.kept, let last?): .kept(after: last)
            case (.kept, nil): .lapsed(after: nil)
            case (.lapsed, let last?): .lapsed(after: last)
            case (.lapsed, nil): nil
            }
    }
}
