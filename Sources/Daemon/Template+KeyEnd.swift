// SPDX-License-Identifier: Apache-2.0

import Jobs

extension Template {
    /// What a person should know where the key that signs links ends before they would.
    ///
    /// - Parameters:
    ///   - end: When the key ends, if it does by itself.
    ///   - now: The present moment.
    /// - Returns: A sentence; nothing where links live as long as is asked for.
    func note(ofKeyEnding end: Timestamp?, at now: Timestamp) -> String? {
        guard let end, (end - now).seconds - 60 < link.expiresIn.seconds else { return nil }
        let left = (end - now).seconds - 60
        let note =
            "template \(name): links shall live \(Self.text(link.expiresIn)), but the key that signs "
            + "them (store \(store)) ends at \(end.rfc3339), and they a minute before it; "
        let cure =
            "give the store `link_credentials:` that last, let the role's session last longer "
            + "(duration_seconds), or ask for less"
        if let shortest = link.minLifetime, left < shortest.seconds {
            return note + "that is less than `min_lifetime: \(Self.text(shortest))`, so files are "
                + "uploaded and wait for a key that lasts: " + cure
        }
        guard link.renewUntil == nil else {
            return note + "they are renewed before, each for as long as the key then lasts"
        }
        return note + cure + ", or have them renewed (renew_until)"
    }

    /// A span as it is written in a template.
    private static func text(_ span: Span) -> String {
        let seconds = span.seconds
        for (unit, size) in [("d", Int64(86_400)), ("h", 3_600), ("m", 60)]
        where seconds.isMultiple(of: size) {
            return "\(seconds / size)\(unit)"
        }
        return "\(seconds)s"
    }
}
