// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The region that a bucket is in: the one that is set up, until the store says that it is another.
public final class BucketRegion: Sendable {
    private let configured: String
    private let found = Mutex<String?>(nil)
    private let onMove: @Sendable (String) -> Void

    /// Begins with the region that is set up.
    ///
    /// - Parameters:
    ///   - configured: The region of the settings; empty where stores have none.
    ///   - onMove: Called with the other region, once.
    public init(_ configured: String = "", onMove: @escaping @Sendable (String) -> Void = { _ in })
    {
        self.configured = configured
        self.onMove = onMove
    }

    /// The region that the store said, if it is another than is set up.
    public var other: String? { found.withLock { $0 } }

    /// Takes the store's word for it, and back to what is set up: buckets do not move, and who sends
    /// us about is not followed.
    ///
    /// - Parameters:
    ///   - region: What the store says.
    ///   - signed: What the request was signed for; nothing for the region that is set up.
    /// - Returns: Whether a request signed anew is signed for another region than this one was.
    func learn(_ region: String, signedFor signed: String?) -> Bool {
        guard !configured.isEmpty else { return false }
        let (now, isNew) = found.withLock { found in
            // It may have been wrong then, or set up right meanwhile.
            if region == configured { found = nil }
            guard found == nil, region != configured else { return (found, false) }
            found = region
            return (found, true)
        }
        if isNew { onMove(region) }
        return now != signed
    }
}
