// SPDX-License-Identifier: Apache-2.0

/// Where objects live.
public struct StoreSettings: Hashable, Sendable {
    /// Its name in the configuration.
    public var name: String
    /// What it is.
    public var kind: Kind
    /// When and how its files are sent in parts.
    public var parts: PartSettings
    /// How requests to it go out.
    public var transport: Transport

    /// What a store is.
    public enum Kind: Hashable, Sendable {
        /// The embedded store.
        case local(LocalStoreSettings)
        /// AWS S3 and all that speak its protocol.
        case s3(S3Settings)
        /// Google Cloud Storage.
        case google(GoogleSettings)
        /// Azure Blob Storage.
        case azure(AzureSettings)
    }

    /// Makes store settings.
    public init(
        name: String,
        kind: Kind,
        parts: PartSettings = PartSettings(),
        transport: Transport = Transport()
    ) {
        self.name = name
        self.kind = kind
        self.parts = parts
        self.transport = transport
    }
}
