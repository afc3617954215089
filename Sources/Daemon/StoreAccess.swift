// SPDX-License-Identifier: Apache-2.0

import Credentials
public import Jobs
import Objects
public import Sign

/// Who signs requests to a store, and where those requests go.
///
/// Keys are asked for when a request is signed, so a changed credentials file counts within a
/// second; a signer is kept as long as its key stays the same.
public final class StoreAccess: Sendable {
    /// The bucket, or what holds the objects in its place.
    public let bucket: String
    private let name: String
    private let uploadSide: StoreSide
    private let linkSide: StoreSide

    /// Prepares access to a store of the configuration; nothing is read yet.
    public init(_ settings: StoreSettings, state: String, environment: [String: String]) {
        let finder = CredentialFinder(environment: environment)
        let parts = Self.parts(of: settings, state: state, finder)
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
    /// - Throws: `Failure` with the advice to park the store, when there is no key.
    func uploads() throws(Failure) -> any URLSigner { try uploadSide.signers.signer() }

    /// The signer of links.
    ///
    /// - Throws: `Failure` with the advice to park the store, when there is no key.
    public func links() throws(Failure) -> any URLSigner { try linkSide.signers.signer() }

    /// When the key that signs links ends, if it is a temporary one.
    func linkKeyEnd() throws(Failure) -> Timestamp? { try linkSide.signers.keyEnd() }

    /// What tells a link that this store's key signed from another.
    ///
    /// - Throws: `Failure` with the advice to park the store, when there is no key.
    public func linkVerificationKey() throws(Failure) -> VerificationKey {
        try linkSide.signers.verificationKey()
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
