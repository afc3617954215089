// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Makes URLs that grant one request each, by one scheme, with one key, for one bucket.
///
/// Pure: the moment of signing is given, nothing is sent or read. Safe to use from many threads.
public protocol URLSigner: Sendable {
    /// How it signs.
    var scheme: SignatureScheme { get }

    /// Makes the URL that grants a request, from `moment` (its whole second) for its lifetime.
    ///
    /// - Parameters:
    ///   - request: what is granted.
    ///   - conditions: what narrows the grant.
    ///   - moment: the time of signing.
    /// - Returns: the URL, and the headers that must be sent with it.
    /// - Throws: `SignError` when the request, or what the signer was made of, cannot be signed, and
    ///   for a condition that the scheme does not know.
    func presign(
        _ request: ObjectRequest,
        under conditions: GrantConditions,
        at moment: Timestamp
    ) throws(SignError) -> SignedRequest
}

extension URLSigner {
    /// Makes the URL that grants a request without conditions.
    public func presign(
        _ request: ObjectRequest,
        at moment: Timestamp
    ) throws(SignError) -> SignedRequest {
        try presign(request, under: GrantConditions(), at: moment)
    }
}

/// What narrows a grant further than method, object and end, where the scheme has it.
public struct GrantConditions: Hashable, Sendable {
    /// The first moment at which the URL works (Azure, CloudFront).
    public var notBefore: Timestamp?
    /// Who may use it: an address; Azure also takes a range `a-b`, CloudFront a block `a/24`.
    public var address: String?
    /// What is granted in place of the URL itself, with the wildcards `*` and `?` (CloudFront).
    public var resource: String?

    /// Makes conditions; none by default.
    public init(notBefore: Timestamp? = nil, address: String? = nil, resource: String? = nil) {
        self.notBefore = notBefore
        self.address = address
        self.resource = resource
    }

    /// Refuses what a scheme does not know.
    func require(only known: Set<Kind>, for scheme: SignatureScheme) throws(SignError) {
        let asked: [(Kind, Bool)] = [
            (.notBefore, notBefore != nil), (.address, address != nil),
            (.resource, resource != nil),
        ]
        for (kind, isAsked) in asked where isAsked && !known.contains(kind) {
            throw .condition(kind.rawValue, scheme)
        }
    }

    /// The conditions, by the names that a batch has for them.
    enum Kind: String {
        case notBefore = "not_before"
        case address = "ip"
        case resource
    }
}
