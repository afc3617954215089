// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Where a request goes, as people name it; for the text of failures.
public struct StorePlace: Hashable, Sendable {
    /// The store's name in the configuration.
    public var store: String
    /// The bucket.
    public var bucket: String
    /// Where the store answers.
    public var endpoint: Endpoint

    /// Names a place.
    public init(store: String, bucket: String, endpoint: Endpoint) {
        self.store = store
        self.bucket = bucket
        self.endpoint = endpoint
    }
}

extension StorePlace: CustomStringConvertible {
    /// Store and endpoint: `store "media" (https://s3.example.com)`.
    public var description: String { "store \"\(store)\" (\(endpoint))" }
}
