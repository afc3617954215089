// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Where a request goes, and how it is asked there; messages name it.
public struct StorePlace: Sendable {
    /// The store's name in the configuration.
    public var store: String
    /// The bucket.
    public var bucket: String
    /// Where the store answers.
    public var endpoint: Endpoint
    /// How it is spoken to there.
    public var dialect: StoreDialect

    /// Names a place.
    public init(
        store: String,
        bucket: String,
        endpoint: Endpoint,
        dialect: StoreDialect = .s3
    ) {
        self.store = store
        self.bucket = bucket
        self.endpoint = endpoint
        self.dialect = dialect
    }
}

extension StorePlace: CustomStringConvertible {
    /// Store and endpoint: `store "media" (https://s3.example.com)`.
    public var description: String { "store \"\(store)\" (\(endpoint))" }
}
