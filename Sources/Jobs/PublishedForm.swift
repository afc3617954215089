// SPDX-License-Identifier: Apache-2.0

/// Where one form of a manifest is published: an object of a store, replaced in place, so that one
/// link to it always shows the links that can be used now.
public struct PublishedForm: Hashable, Sendable {
    /// The store's name.
    public var store: String
    /// The object's key, always the same.
    public var key: ObjectKey
    /// The form; default `html`.
    public var format: ManifestFormat
    /// How long a link to it works; a new one is made when half of that is over; default 7 days.
    public var expiresIn: Span

    /// The object, by which two forms are told apart.
    public struct Place: Hashable, Sendable {
        var store: String
        var key: ObjectKey
    }

    /// The object that it is.
    public var place: Place { Place(store: store, key: key) }

    /// Describes where a form is published.
    public init(
        store: String,
        key: ObjectKey,
        format: ManifestFormat = .html,
        expiresIn: Span = .seconds(604_800)
    ) {
        self.store = store
        self.key = key
        self.format = format
        self.expiresIn = expiresIn
    }
}

extension ManifestFormat {
    /// The `Content-Type` of the form.
    public var mediaType: String {
        switch self {
        case .html: "text/html; charset=utf-8"
        case .json: "application/json"
        case .jsonl: "application/jsonl"
        case .csv: "text/csv; charset=utf-8"
        // RFC 5854, section 7.
        case .metalink: "application/metalink4+xml"
        case .urls, .aria2, .sha256sums: "text/plain; charset=utf-8"
        }
    }
}
