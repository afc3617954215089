// SPDX-License-Identifier: Apache-2.0

import Jobs
import Sign

/// Whether the link to a page that somebody may have is kept, or a new one is made.
enum KeptPageLink {
    /// How long a link is kept: until half of its life is over.
    ///
    /// - Parameters:
    ///   - old: The link there is.
    ///   - new: The link that would be made now.
    ///   - now: The moment.
    /// - Returns: The time, or nothing when the new one is to take its place: its half is over, or it
    ///   leads elsewhere, or another key signed it.
    static func timeLeft(of old: SignedURL, like new: SignedURL, at now: Timestamp) -> Span? {
        guard place(of: old) == place(of: new),
            let kept = try? InspectedURL(old.reveal()), let made = try? InspectedURL(new.reveal()),
            kept.scheme == made.scheme, kept.keyID == made.keyID, let end = kept.expiresAt
        else { return nil }
        // Some schemes do not say when a URL was signed; such a link has half of what is left.
        let begin = kept.issuedAt ?? now
        let half = begin + Span(nanoseconds: (end - begin).nanoseconds / 2)
        return half > now ? half - now : nil
    }

    private static func place(of url: SignedURL) -> [UInt8] {
        Array(url.reveal().prefix { $0 != UInt8(ascii: "?") })
    }
}
