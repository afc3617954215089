// SPDX-License-Identifier: Apache-2.0

public import Jobs
import Objects
public import Sign
import Transfer

/// Who signs requests to a store, and where those requests go.
///
/// Keys are asked for when a request is signed, so a changed credentials file counts within a
/// second; a signer is kept as long as its key stays the same.
public final class StoreAccess: Sendable {
    /// The bucket, or what holds the objects in its place.
    public let bucket: String
    /// Where the bucket is found to be.
    let region: BucketRegion
    private let name: String
    private let uploadSide: StoreSide
    private let linkSide: StoreSide

    /// Prepares access to a store of the configuration; nothing is read yet.
    public convenience init(
        _ settings: StoreSettings,
        state: String,
        environment: [String: String]
    ) {
        self.init(settings, state: state, environment: environment) { _ in }
    }

    /// Prepares access, and tells when the bucket is found to be in another region than is set up.
    init(
        _ settings: StoreSettings,
        state: String,
        environment: [String: String],
        onMove: @escaping @Sendable (String) -> Void
    ) {
        var configured = ""
        if case .s3(let remote) = settings.kind { configured = remote.region }
        region = BucketRegion(configured, onMove: onMove)
        let parts = Self.parts(of: settings, state: state, environment)
        name = settings.name
        bucket = parts.bucket
        uploadSide = parts.uploads
        linkSide = parts.links
    }

    /// Where uploads go.
    var uploadPlace: StorePlace { place(uploadSide) }

    /// Where links lead.
    var linkPlace: StorePlace { place(linkSide) }

    /// The signer of uploads.
    ///
    /// - Parameters:
    ///   - now: the time by the store's clock.
    ///   - fresh: whether the store refused the key as unknown or ended, so that it is read anew.
    /// - Returns: the signer, made with the key as of now.
    /// - Throws: `Failure` with the advice to park the store, when there is no key.
    func uploads(at now: Timestamp, fresh: Bool = false) async throws(Failure) -> any URLSigner {
        try await uploadSide.signers.signer(
            SignerWish(now: now, fresh: fresh, region: region.other)
        ).signer
    }

    /// The signer of uploads, under the terms of one attempt.
    func uploads(under terms: SigningTerms) async throws(Failure) -> any URLSigner {
        let wish = SignerWish(now: terms.now, fresh: terms.renewsKey, region: terms.region)
        return try await uploadSide.signers.signer(wish).signer
    }

    /// The signer of links.
    ///
    /// - Parameters:
    ///   - now: the time by the store's clock.
    ///   - lifetime: how long a link shall live; a key that ends before is renewed first, where that
    ///     may help.
    /// - Returns: the signer, made with the key as of now.
    /// - Throws: `Failure` with the advice to park the store, when there is no key.
    public func links(
        at now: Timestamp,
        lasting lifetime: Span = .zero
    ) async throws(Failure) -> any URLSigner {
        try await datedLinks(at: now, lasting: lifetime).signer
    }

    /// The signer of links, and when its key ends, if it is a temporary one.
    func datedLinks(
        at now: Timestamp,
        lasting lifetime: Span = .zero
    ) async throws(Failure) -> DatedSigner {
        try await linkSide.signers.signer(
            SignerWish(now: now, lasting: lifetime, region: region.other)
        )
    }

    /// When the key that signs links ends, if it is a temporary one.
    ///
    /// - Throws: `Failure` with the advice to park the store, when there is no key.
    public func linkKeyEnd(
        at now: Timestamp,
        lasting lifetime: Span = .zero
    ) async throws(Failure) -> Timestamp? {
        try await datedLinks(at: now, lasting: lifetime).endsAt
    }

    /// What tells a link that this store's key signed from another.
    ///
    /// - Throws: `Failure` with the advice to park the store, when there is no key.
    public func linkVerificationKey(at now: Timestamp) async throws(Failure) -> VerificationKey {
        try await linkSide.signers.verificationKey(at: now)
    }

    private func place(_ side: StoreSide) -> StorePlace {
        StorePlace(store: name, bucket: bucket, endpoint: side.endpoint, dialect: side.dialect)
    }
}

extension LocalStoreSettings {
    /// Where this process reaches the store: an address that means "all" is reached by loopback.
    var endpoint: Endpoint {
        let host: String
        switch self.host {
        case "0.0.0.0", "": host = "127.0.0.1"
        case "::": host = "[::1]"
        default: host = self.host.contains(":") ? "[\(self.host)]" : self.host
        }
        return Endpoint(isSecure: false, host: host, port: port)
    }
}
