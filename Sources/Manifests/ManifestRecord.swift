// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// What one line of a manifest tells, whichever event it is.
public enum ManifestRecord: Hashable, Sendable {
    /// The line of a link: it is new, has a new URL, or expires soon.
    case link(ManifestEntry)
    /// A link has ended.
    case ended(ManifestEnding)
    /// A file needs a person; there is no link.
    case failure(UploadFailure)
    /// A group is published: the lines of its links came before.
    case group(GroupEvent)
    /// An event of a later version; whoever reads goes on to the next line.
    case other(event: String, sequence: Int64)
}
