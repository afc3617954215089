// SPDX-License-Identifier: Apache-2.0

import Credentials
import HTTP
import Jobs
import Objects
import Sign

/// What each kind of store is made of: the only place that has to know all of them.
extension StoreAccess {
    /// The bucket, and the two sides of a store.
    struct Parts {
        var bucket: String
        var uploads: StoreSide
        var links: StoreSide
    }

    static func parts(
        of settings: StoreSettings,
        state: String,
        _ environment: [String: String]
    ) -> Parts {
        // Only a store that speaks S3's protocol may have an STS beside it.
        let finder = CredentialFinder(environment: environment)
        switch settings.kind {
        case .local(let local):
            let file = StateFolder.credentials(ofStore: settings.name, in: state)
            let remote = S3Settings(
                bucket: settings.name,
                region: "us-east-1",
                endpoint: local.endpoint,
                publicEndpoint: local.publicEndpoint,
                style: .path,
                credentials: .credentialsFile(file)
            )
            return parts(of: remote, settings.name, finder)
        case .s3(let remote):
            let finder = CredentialFinder(environment: environment, store: remote.endpoint) {
                HTTPRoute(proxy: try StoreRoutes.proxy(of: settings, to: $0, environment))
            }
            return parts(of: remote, settings.name, finder)
        case .google(let remote): return parts(of: remote, settings.name, finder)
        case .azure(let remote): return parts(of: remote, settings.name, finder)
        }
    }

    private static func parts(
        of settings: S3Settings,
        _ name: String,
        _ finder: CredentialFinder
    ) -> Parts {
        // One for both sides where both have the same key, so that a role is taken on once.
        let uploadKeys = CredentialProvider(settings.credentials, finder: finder)
        let linkKeys = settings.linkCredentials.map { CredentialProvider($0, finder: finder) }
        func side(_ endpoint: Endpoint, _ keys: CredentialProvider<AccessKey>) -> StoreSide {
            let signers = KeptSigner(
                store: name,
                keys,
                endOf: \.expiresAt,
                verify: { .secret($0.secret) },
                mark: { SignerMark.of(keyNamed: $0.id) },
                make: { settings.signer(at: endpoint, $0, in: $1) }
            )
            return StoreSide(endpoint: endpoint, dialect: .s3, signers: signers)
        }
        let links =
            settings.network.map { networkSide(of: $0, name, finder) }
            ?? side(settings.publicEndpoint ?? settings.endpoint, linkKeys ?? uploadKeys)
        return Parts(
            bucket: settings.bucket,
            uploads: side(settings.endpoint, uploadKeys),
            links: links
        )
    }

    private static func networkSide(
        of network: CloudFrontSettings,
        _ name: String,
        _ finder: CredentialFinder
    ) -> StoreSide {
        let keys = CredentialProvider(privateKeyFile: network.privateKeyFile, finder: finder)
        let signers = KeptSigner(
            store: name,
            keys,
            in: network.privateKeyFile,
            verify: { (pem) throws(SignError) in .rsa(try RSAPrivateKey(pem: pem)) },
            mark: { _ in SignerMark.of(keyNamed: network.keyPairID) }
        ) { (pem, _) throws(SignError) in
            CloudFrontSigner(
                endpoint: network.endpoint,
                keyPairID: network.keyPairID,
                key: try RSAPrivateKey(pem: pem)
            )
        }
        return StoreSide(endpoint: network.endpoint, dialect: .cloudFront, signers: signers)
    }

    private static func parts(
        of settings: GoogleSettings,
        _ name: String,
        _ finder: CredentialFinder
    ) -> Parts {
        func side(_ endpoint: Endpoint, _ source: GoogleCredentialSource) -> StoreSide {
            let keys = CredentialProvider(source, finder: finder)
            let signers = KeptSigner(
                store: name,
                keys,
                in: source.file,
                verify: { (key) throws(SignError) in try GoogleKey(key).verificationKey },
                mark: { (key) throws(SignError) in
                    if case .hmac(let key) = key { return SignerMark.of(keyNamed: key.id) }
                    // A service account has several keys under one address.
                    return try SignerMark.of(GoogleKey(key).verificationKey)
                }
            ) { (key, _) throws(SignError) in
                SigV4Signer(
                    endpoint: endpoint,
                    style: settings.style,
                    bucket: settings.bucket,
                    key: try GoogleKey(key)
                )
            }
            return StoreSide(endpoint: endpoint, dialect: .google, signers: signers)
        }
        return Parts(
            bucket: settings.bucket,
            uploads: side(settings.endpoint, settings.credentials),
            links: side(
                settings.publicEndpoint ?? settings.endpoint,
                settings.linkCredentials ?? settings.credentials
            )
        )
    }

    private static func parts(
        of settings: AzureSettings,
        _ name: String,
        _ finder: CredentialFinder
    ) -> Parts {
        let keys = CredentialProvider(settings.credentials, finder: finder)
        func side(_ endpoint: Endpoint) -> StoreSide {
            let signers = KeptSigner(
                store: name,
                keys,
                verify: { .secret($0) },
                mark: { (key) throws(SignError) in try SignerMark.of(.secret(key)) }
            ) { key, _ in
                AzureSigner(
                    endpoint: endpoint,
                    container: settings.container,
                    key: AccessKey(id: settings.account, secret: key),
                    // Nobody may use a link over plain http by which it was not given out.
                    grant: AzureSigner.Grant(transport: endpoint.isSecure ? "https" : nil)
                )
            }
            return StoreSide(endpoint: endpoint, dialect: .azure, signers: signers)
        }
        return Parts(
            bucket: settings.container,
            uploads: side(settings.endpoint),
            links: side(settings.publicEndpoint ?? settings.endpoint)
        )
    }
}

extension S3Settings {
    fileprivate func signer(
        at endpoint: Endpoint,
        _ key: AccessKey,
        in found: String?
    ) -> any URLSigner {
        let region = found ?? region
        let endpoint = found.map { endpoint.inAmazonRegion($0) } ?? endpoint
        return switch signature {
        case .v2:
            SigV2Signer(endpoint: endpoint, style: style, bucket: bucket, key: key)
        case .v4:
            SigV4Signer(
                endpoint: endpoint,
                style: style,
                bucket: bucket,
                region: region,
                key: key
            )
        }
    }
}

extension GoogleCredentialSource {
    /// The file of the service account, if the source names one.
    fileprivate var file: String? {
        guard case .serviceAccountFile(let path) = self else { return nil }
        return path
    }
}
