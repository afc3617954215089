// SPDX-License-Identifier: Apache-2.0

/// A container of Azure Blob Storage.
public struct AzureSettings: Hashable, Sendable {
    /// The storage account, which every signature names.
    public var account: String
    /// The container.
    public var container: String
    /// Where requests go; `https://ACCOUNT.blob.core.windows.net` unless it is set.
    public var endpoint: Endpoint
    /// What links name, if it differs from `endpoint`.
    public var publicEndpoint: Endpoint?
    /// Where the account's key comes from.
    public var credentials: AzureCredentialSource
    /// A file of certificates to trust besides the system's.
    public var caFile: String?

    /// Makes settings of an Azure store.
    public init(
        account: String,
        container: String,
        endpoint: Endpoint,
        publicEndpoint: Endpoint? = nil,
        credentials: AzureCredentialSource,
        caFile: String? = nil
    ) {
        self.account = account
        self.container = container
        self.endpoint = endpoint
        self.publicEndpoint = publicEndpoint
        self.credentials = credentials
        self.caFile = caFile
    }
}

/// Where the key of a storage account comes from; secrets never stand in YAML.
public enum AzureCredentialSource: Hashable, Sendable {
    /// A file that holds the key as Azure shows it, in base64; the path is absolute.
    case accountKeyFile(String)
    /// `$CREDENTIALS_DIRECTORY/<name>-account-key` (systemd's LoadCredential).
    case systemd(String)
}
