// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Under what terms one request is signed.
public struct SigningTerms: Hashable, Sendable {
    /// The store's time, from which the URL is valid; this machine's clock may differ from it.
    public var now: Timestamp
    /// The region that the store said the bucket is in, where that is another than is set up.
    public var region: String?
    /// Whether the store refused the key as ended, so that it must be read anew.
    public var renewsKey: Bool

    /// Makes terms.
    public init(now: Timestamp, region: String? = nil, renewsKey: Bool = false) {
        self.now = now
        self.region = region
        self.renewsKey = renewsKey
    }
}

/// Signs one request; called anew for each attempt, never with a kept result.
///
/// A `Failure` thrown here reaches the job as it is; any other error parks the store.
public typealias Signer = @Sendable (ObjectRequest, SigningTerms) async throws -> SignedRequest
