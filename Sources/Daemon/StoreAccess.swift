// SPDX-License-Identifier: Apache-2.0

import Credentials
public import Jobs
import Objects
public import Sign
import Synchronization

/// Who signs requests to a store, and where those requests go.
///
/// Keys are asked for when a request is signed, so a changed credentials file counts within a
/// second; a signer is kept as long as its key stays the same.
public final class StoreAccess: Sendable {
    private struct Place: Sendable {
        var endpoint: Endpoint
        var keys: CredentialProvider
    }

    private struct Signers {
        var upload: (AccessKey, SigV4Signer)?
        var link: (AccessKey, SigV4Signer)?
    }

    /// The bucket.
    public let bucket: String
    private let name: String
    private let region: String
    private let style: AddressingStyle
    private let uploadPlace: Place
    private let linkPlace: Place
    private let signers = Mutex(Signers())

    /// Prepares access to a store of the configuration; nothing is read yet.
    public init(_ settings: StoreSettings, state: String, environment: [String: String]) {
        name = settings.name
        let finder = CredentialFinder(environment: environment)
        switch settings.kind {
        case .local(let local):
            bucket = settings.name
            region = "us-east-1"
            style = .path
            let file = StateFolder.credentials(ofStore: settings.name, in: state)
            let keys = CredentialProvider(.credentialsFile(file), finder: finder)
            uploadPlace = Place(endpoint: local.endpoint, keys: keys)
            linkPlace = Place(endpoint: local.publicEndpoint ?? local.endpoint, keys: keys)
        case .s3(let remote):
            bucket = remote.bucket
            region = remote.region
            style = remote.style
            let keys = CredentialProvider(remote.credentials, finder: finder)
            uploadPlace = Place(endpoint: remote.endpoint, keys: keys)
            linkPlace = Place(
                endpoint: remote.publicEndpoint ?? remote.endpoint,
                keys: remote.linkCredentials.map { CredentialProvider($0, finder: finder) } ?? keys
            )
        }
    }

    /// Where uploads or links go, as messages name it.
    func place(of settings: StoreSettings, forLinks: Bool) -> StorePlace {
        let endpoint = forLinks ? linkPlace.endpoint : uploadPlace.endpoint
        return StorePlace(store: settings.name, bucket: bucket, endpoint: endpoint)
    }

    /// The signer of uploads.
    ///
    /// - Throws: `Failure` with the advice to park the store, when there is no key.
    func uploads() throws(Failure) -> SigV4Signer {
        try signer(uploadPlace, \.upload).1
    }

    /// The signer of links.
    ///
    /// - Throws: `Failure` with the advice to park the store, when there is no key.
    public func links() throws(Failure) -> SigV4Signer {
        try signer(linkPlace, \.link).1
    }

    /// When the key that signs links ends, if it is a temporary one.
    func linkKeyEnd() throws(Failure) -> Timestamp? {
        try signer(linkPlace, \.link).0.expiresAt
    }

    private func signer(
        _ place: Place,
        _ slot: any WritableKeyPath<Signers, (AccessKey, SigV4Signer)?> & Sendable
    ) throws(Failure) -> (AccessKey, SigV4Signer) {
        let key: AccessKey
        do {
            key = try place.keys.key(at: WallClock.now())
        } catch {
            throw Failure(
                .parkStore,
                code: "no-credentials",
                message: "store \(name): \(error)"
            )
        }
        return signers.withLock { signers in
            if let known = signers[keyPath: slot], known.0 == key { return known }
            let made = (
                key,
                SigV4Signer(
                    endpoint: place.endpoint,
                    style: style,
                    bucket: bucket,
                    region: region,
                    key: key
                )
            )
            signers[keyPath: slot] = made
            return made
        }
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
