// SPDX-License-Identifier: Apache-2.0

/// A bucket of Google Cloud Storage.
public struct GoogleSettings: Hashable, Sendable {
    /// The bucket.
    public var bucket: String
    /// Where requests go; `https://storage.googleapis.com` unless it is set.
    public var endpoint: Endpoint
    /// What links name, if it differs from `endpoint`.
    public var publicEndpoint: Endpoint?
    /// Where the bucket stands in URLs.
    public var style: AddressingStyle
    /// Who uploads.
    public var credentials: GoogleCredentialSource
    /// Who signs links, if that is another.
    public var linkCredentials: GoogleCredentialSource?
    /// A file of certificates to trust besides the system's.
    public var caFile: String?

    /// Makes settings of a Google store.
    public init(
        bucket: String,
        endpoint: Endpoint,
        publicEndpoint: Endpoint? = nil,
        style: AddressingStyle = .path,
        credentials: GoogleCredentialSource,
        linkCredentials: GoogleCredentialSource? = nil,
        caFile: String? = nil
    ) {
        self.bucket = bucket
        self.endpoint = endpoint
        self.publicEndpoint = publicEndpoint
        self.style = style
        self.credentials = credentials
        self.linkCredentials = linkCredentials
        self.caFile = caFile
    }
}

/// Where a key for Google Cloud Storage comes from; secrets never stand in YAML.
public enum GoogleCredentialSource: Hashable, Sendable {
    /// The JSON that Google hands out for a service account; the path is absolute.
    case serviceAccountFile(String)
    /// Files that hold an HMAC key, one value each; paths are absolute.
    case files(accessKey: String, secretKey: String)
    /// `$CREDENTIALS_DIRECTORY/<name>-service-account` where that is, else `<name>-access-key` and
    /// `<name>-secret-key` (systemd's LoadCredential).
    case systemd(String)
}
