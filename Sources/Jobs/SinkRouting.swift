// SPDX-License-Identifier: Apache-2.0

/// Which sinks are told of what, as the configuration has it.
public struct SinkRouting: Hashable, Sendable {
    /// The sinks that are told of one event, by how.
    public struct Audience: Hashable, Sendable {
        /// Manifests that are told before the job goes on: it waits for them.
        public var lines: [String]
        /// Sinks that are told afterwards, from the outbox, each in its own time.
        public var notices: [String]

        /// Makes an audience.
        public init(lines: [String] = [], notices: [String] = []) {
            self.lines = lines
            self.notices = notices
        }
    }

    private let events: [String: Set<LinkEvent.Kind>]
    private let manifests: Set<String>

    /// Makes the routing of a configuration's sinks.
    public init(_ sinks: some Sequence<SinkSettings>) {
        var events: [String: Set<LinkEvent.Kind>] = [:]
        var manifests: Set<String> = []
        for sink in sinks {
            events[sink.name] = sink.events
            if case .manifest = sink.kind { manifests.insert(sink.name) }
        }
        self.events = events
        self.manifests = manifests
    }

    /// The routing of manifests that are told of all that is usual.
    public static func manifests(_ names: some Sequence<String>) -> SinkRouting {
        SinkRouting(names.map { SinkSettings(name: $0, kind: .manifest(path: "")) })
    }

    /// The first of some sinks that is not in the configuration.
    public func missing(among names: [String]) -> String? {
        names.first { events[$0] == nil }
    }

    /// Says who is told of an event.
    ///
    /// Manifests have links and groups as they are made; whatever happens to a link later comes to
    /// them from the outbox too.
    ///
    /// - Parameters:
    ///   - kind: What happened.
    ///   - names: The sinks that the template publishes to, in its order; unknown ones are left out.
    /// - Returns: Who is told.
    public func audience(of kind: LinkEvent.Kind, among names: [String]) -> Audience {
        var audience = Audience()
        for name in names where events[name]?.contains(kind) == true {
            if manifests.contains(name), kind == .created || kind == .groupPublished {
                audience.lines.append(name)
            } else {
                audience.notices.append(name)
            }
        }
        return audience
    }
}
