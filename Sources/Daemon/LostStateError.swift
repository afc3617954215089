// SPDX-License-Identifier: Apache-2.0

/// The state folder knows of no link, and a manifest tells of some: the state was lost.
///
/// Going on would publish every file that is there a second time.
public struct LostStateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The state folder.
    public var state: String
    /// The manifest.
    public var manifest: String
    /// The number of its last line.
    public var sequence: Int64
    /// The keys of embedded stores that were lost too.
    public var missingKeys: [String]

    /// What happened and what to do.
    public var description: String {
        let keys = missingKeys.map { file in
            " The store's keys are gone too: put \(file) back from a backup first, if there is one, "
                + "or every link that was published from it stops working."
        }
        return "the state folder \(state) is new or empty, but \(manifest) has links up to number "
            + "\(sequence); nothing was started, for every file would be published again. Put the "
            + "state folder back, or run: presignd recover --from-manifest. To begin anew "
            + "instead, move the manifest away." + keys.joined()
    }
}
