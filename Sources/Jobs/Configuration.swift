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
    /// How long jobs are kept that have ended; nothing for ever.
    public var history: Span?
    /// The templates, ordered by name.
    public var templates: [Template]
    /// The file of each template in the jobs folder, by the template's name.
    public var templateFiles: [String: String]

    /// How long jobs are kept that have ended, unless it is said.
    public static let usualHistory = Span.seconds(90 * 86_400)

    /// Makes a configuration.
    public init(
        folder: String,
        state: String,
        jobs: String,
        stores: [String: StoreSettings],
        sinks: [String: SinkSettings],
        limits: Limits = Limits(),
        history: Span? = Configuration.usualHistory,
        templates: [Template],
        templateFiles: [String: String] = [:]
    ) {
        self.folder = folder
        self.state = state
        self.jobs = jobs
        self.stores = stores
        self.sinks = sinks
        self.limits = limits
        self.history = history
        self.templates = templates
        self.templateFiles = templateFiles
    }
}

/// What bounds the daemon's work.
public struct Limits: Hashable, Sendable {
    /// Files on their way at the same time; nothing for 16, and up to 256 small ones.
    public var transfers: Int?
    /// Bytes of file content held in memory at the same time; default 32 MiB.
    public var memory: Int
    /// Bytes sent in a second, over all stores; default no limit.
    public var bandwidth: BandwidthLimit
    /// How much may come for one template within ten minutes and be sent unasked.
    public var holdAbove: Brake

    /// Makes limits.
    public init(
        transfers: Int? = nil,
        memory: Int = 32 << 20,
        bandwidth: BandwidthLimit = .none,
        holdAbove: Brake = Brake()
    ) {
        self.transfers = transfers
        self.memory = memory
        self.bandwidth = bandwidth
        self.holdAbove = holdAbove
    }
}

/// Where link events go.
public struct SinkSettings: Hashable, Sendable {
    /// Its name in the configuration.
    public var name: String
    /// What it is.
    public var kind: Kind
    /// What a manifest does besides; of no meaning for other kinds.
    public var manifest: ManifestSettings
    /// Which events it is told of; default `usualEvents`.
    public var events: Set<LinkEvent.Kind>

    /// What a sink is.
    public enum Kind: Hashable, Sendable {
        /// A file of JSON Lines; the path is absolute.
        case manifest(path: String)
        /// An HTTP endpoint.
        case webhook(WebhookSettings)
        /// A program.
        case command(CommandSettings)
        /// Standard output of `presignd run`.
        case standardOutput
        /// A folder of pages, one for each file; the path is absolute.
        case cards(folder: String)
    }

    /// Makes sink settings.
    public init(
        name: String,
        kind: Kind,
        manifest: ManifestSettings = ManifestSettings(),
        events: Set<LinkEvent.Kind>? = nil
    ) {
        self.name = name
        self.kind = kind
        self.manifest = manifest
        self.events = events ?? Self.usualEvents(of: kind)
    }

    /// What a sink is told of that does not say.
    ///
    /// A manifest lists links, so it hears of what makes and ends them. The others tell people and
    /// programs, so they hear of failures too. Only who asks hears that a link expires soon or has
    /// expired, which its `expires_at` said.
    public static func usualEvents(of kind: Kind) -> Set<LinkEvent.Kind> {
        let links: Set<LinkEvent.Kind> = [
            .created, .renewed, .revoked, .superseded, .groupPublished,
        ]
        return switch kind {
        case .manifest: links
        case .webhook, .command, .standardOutput: links.union([.failed])
        case .cards: links.union([.expired, .failed])
        }
    }
}
