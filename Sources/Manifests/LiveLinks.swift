// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Which lines of a manifest are links that can be used.
///
/// Of each id that is the line with the highest revision, unless the link was ended. It takes about
/// 80 bytes a link, whatever the lines are.
public struct LiveLinks: Sendable {
    /// A line of the manifest.
    public struct Place: Hashable, Sendable {
        /// Where it begins, in bytes.
        public var offset: Int64
        /// Its bytes, without the line feed.
        public var length: Int
        /// When its link ends.
        public var expiresAt: Timestamp
        fileprivate var revision: Int
    }

    private var places: [UniqueID: Place] = [:]
    /// Where the lines after the snapshot at the manifest's head begin; 0 without one.
    public private(set) var snapshotEnd: Int64 = 0

    /// Makes an empty set.
    public init() {}

    /// Takes in the next line of the manifest.
    ///
    /// - Parameters:
    ///   - line: The line, without the line feed.
    ///   - offset: Where it begins in the manifest.
    public mutating func take(_ line: ArraySlice<UInt8>, at offset: Int64) {
        guard let glance = ManifestGlance(line) else { return }
        switch glance.effect {
        case .link(let end):
            if let known = places[glance.id], known.revision > glance.revision { return }
            places[glance.id] = Place(
                offset: offset,
                length: line.count,
                expiresAt: end,
                revision: glance.revision
            )
        case .end:
            if let known = places[glance.id], known.revision <= glance.revision {
                places[glance.id] = nil
            }
        case .snapshot:
            snapshotEnd = offset + Int64(line.count) + 1
        case .other:
            break
        }
    }

    /// The lines whose links have not ended, in the order of the manifest.
    public func places(at now: Timestamp) -> [Place] {
        places.values.filter { $0.expiresAt > now }.sorted { $0.offset < $1.offset }
    }
}
