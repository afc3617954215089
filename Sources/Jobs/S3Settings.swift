// SPDX-License-Identifier: Apache-2.0

/// A store that speaks the S3 protocol.
public struct S3Settings: Hashable, Sendable {
    /// The bucket.
    public var bucket: String
    /// The region in every signature of version 4; default `us-east-1`.
    public var region: String
    /// Where requests go.
    public var endpoint: Endpoint
    /// What links name, if it differs from `endpoint`.
    public var publicEndpoint: Endpoint?
    /// Where the bucket stands in URLs; default: `path` where a host name cannot carry the bucket.
    public var style: AddressingStyle
    /// How requests are signed; default version 4.
    public var signature: Signature
    /// Who uploads; absent: the AWS chain.
    public var credentials: CredentialSource
    /// Who signs links, if that is another.
    public var linkCredentials: CredentialSource?
    /// What serves the links in place of the store itself.
    public var network: CloudFrontSettings?
    /// A file of certificates to trust besides the system's.
    public var caFile: String?

    /// A version of AWS's signatures.
    public enum Signature: String, Hashable, Sendable, CaseIterable {
        /// What some older stores know only; it covers few headers.
        case v2
        /// What AWS and nearly every other store take.
        case v4
    }

    /// Makes settings of an S3 store.
    public init(
        bucket: String,
        region: String,
        endpoint: Endpoint,
        publicEndpoint: Endpoint? = nil,
        style: AddressingStyle,
        signature: Signature = .v4,
        credentials: CredentialSource = .chain,
        linkCredentials: CredentialSource? = nil,
        network: CloudFrontSettings? = nil,
        caFile: String? = nil
    ) {
        self.bucket = bucket
        self.region = region
        self.endpoint = endpoint
        self.publicEndpoint = publicEndpoint
        self.style = style
        self.signature = signature
        self.credentials = credentials
        self.linkCredentials = linkCredentials
        self.network = network
        self.caFile = caFile
    }
}

/// Where an access key comes from; secrets never stand in YAML.
public enum CredentialSource: Hashable, Sendable {
    /// What the AWS tools would use: environment, web identity, profile, container, instance.
    case chain
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`.
    case environment
    /// A profile of `~/.aws/credentials` and `~/.aws/config`, or the files `AWS_*` names.
    case profile(String)
    /// Files that hold one value each; paths are absolute.
    case files(accessKey: String, secretKey: String, sessionToken: String?)
    /// `$CREDENTIALS_DIRECTORY/<name>-access-key` and `<name>-secret-key` (systemd's LoadCredential).
    case systemd(String)
    /// A credentials file in the AWS form, profile `default`: what the embedded store keeps.
    case credentialsFile(String)
}
