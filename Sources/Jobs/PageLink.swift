// SPDX-License-Identifier: Apache-2.0

/// A signed link to a page of links that lies in a store.
public struct PageLink: Hashable, Sendable {
    /// The URL.
    public var url: SignedURL
    /// The first moment at which it no longer works; no later than the first link on the page ends,
    /// of those that worked when it was made.
    public var expiresAt: Timestamp

    /// Makes a link to a page.
    public init(url: SignedURL, expiresAt: Timestamp) {
        self.url = url
        self.expiresAt = expiresAt
    }
}
