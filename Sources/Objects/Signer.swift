// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Signs one request for now; called anew for each attempt, never with a kept result.
///
/// A `Failure` thrown here reaches the job as it is; any other error parks the store.
public typealias Signer = @Sendable (ObjectRequest) throws -> SignedRequest
