// SPDX-License-Identifier: Apache-2.0

/// All that `config.yaml` and `jobs/*.yaml` say, checked, with every path absolute.
public struct Configuration: Hashable, Sendable {
    /// The folder of `config.yaml`, which relative paths in it and in templates begin at.
    public var folder: String
    /// The daemon's own folder.
    public var state: String
    /// The folder of the templates.
    public var jobs: String
    /// The stores by name.
    public var stores: [String: StoreSettings]
    /// The sinks by name.
    public var sinks: [String: SinkSettings]
    /// What bounds the daemon's work.
    public var limits: Limits
    /// The templates, ordered by name.
    public var templates: [Template]

    /// Makes a configuration.
    public init(
        folder: String,
        state: String,
        jobs: String,
        stores: [String: StoreSettings],
        sinks: [String: SinkSettings],
        limits: Limits = Limits(),
        templates: [Template]
    ) {
        self.folder = folder
        self.state = state
        self.jobs = jobs
        self.stores = stores
        self.sinks = sinks
        self.limits = limits
        self.templates = templates
    }
}

/// What bounds the daemon's work.
public struct Limits: Hashable, Sendable {
    /// Files on their way at the same time; default 16.
    public var transfers: Int
    /// Bytes of file content held in memory at the same time; default 32 MiB.
    public var memory: Int

    /// Makes limits.
    public init(transfers: Int = 16, memory: Int = 32 << 20) {
        self.transfers = transfers
        self.memory = memory
    }
}

/// Where objects live.
public struct StoreSettings: Hashable, Sendable {
    /// Its name in the configuration.
    public var name: String
    /// What it is.
    public var kind: Kind

    /// What a store is.
    public enum Kind: Hashable, Sendable {
        /// The embedded store.
        case local(LocalStoreSettings)
        /// AWS S3 and all that speak its protocol.
        case s3(S3Settings)
    }

    /// Makes store settings.
    public init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// The embedded store.
public struct LocalStoreSettings: Hashable, Sendable {
    /// The folder that holds the objects, absolute.
    public var folder: String
    /// The address it listens on, without brackets; default `127.0.0.1`.
    public var host: String
    /// The port it listens on; default 9400.
    public var port: Int
    /// What links name, if it differs from the listening address.
    public var publicEndpoint: Endpoint?
    /// Bytes the folder may hold; no bound if absent.
    public var maxSize: Int64?

    /// Makes settings of an embedded store.
    public init(
        folder: String,
        host: String = "127.0.0.1",
        port: Int = 9400,
        publicEndpoint: Endpoint? = nil,
        maxSize: Int64? = nil
    ) {
        self.folder = folder
        self.host = host
        self.port = port
        self.publicEndpoint = publicEndpoint
        self.maxSize = maxSize
    }
}

/// A store that speaks the S3 protocol.
public struct S3Settings: Hashable, Sendable {
    /// The bucket.
    public var bucket: String
    /// The region in every signature; default `us-east-1`.
    public var region: String
    /// Where requests go.
    public var endpoint: Endpoint
    /// What links name, if it differs from `endpoint`.
    public var publicEndpoint: Endpoint?
    /// Where the bucket stands in URLs; default: `path` where a host name cannot carry the bucket.
    public var style: AddressingStyle
    /// Who uploads; absent: the AWS chain.
    public var credentials: CredentialSource
    /// Who signs links, if that is another.
    public var linkCredentials: CredentialSource?
    /// A file of certificates to trust besides the system's.
    public var caFile: String?

    /// Makes settings of an S3 store.
    public init(
        bucket: String,
        region: String,
        endpoint: Endpoint,
        publicEndpoint: Endpoint? = nil,
        style: AddressingStyle,
        credentials: CredentialSource = .chain,
        linkCredentials: CredentialSource? = nil,
        caFile: String? = nil
    ) {
        self.bucket = bucket
        self.region = region
        self.endpoint = endpoint
        self.publicEndpoint = publicEndpoint
        self.style = style
        self.credentials = credentials
        self.linkCredentials = linkCredentials
        self.caFile = caFile
    }
}

/// Where an access key comes from; secrets never stand in YAML.
public enum CredentialSource: Hashable, Sendable {
    /// What the AWS tools would use: the environment, then the profile files.
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

/// Where link events go.
public struct SinkSettings: Hashable, Sendable {
    /// Its name in the configuration.
    public var name: String
    /// What it is.
    public var kind: Kind

    /// What a sink is.
    public enum Kind: Hashable, Sendable {
        /// A file of JSON Lines; the path is absolute.
        case manifest(path: String)
    }

    /// Makes sink settings.
    public init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}
