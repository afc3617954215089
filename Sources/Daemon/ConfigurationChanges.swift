// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What differs between two configurations, by the keys a person wrote.
struct ConfigurationChanges: Equatable {
    /// Everything that differs.
    var keys: [String] = []
    /// What of it only a new start can take up.
    var forRestart: [String] = []
    /// Templates that are watched no more.
    var unwatched: [Template] = []
    /// Templates whose folder is watched anew: new ones, and those that watch in another way.
    var watched: [Template] = []

    init(from old: Configuration, to new: Configuration) {
        note("state", old.state == new.state, live: false)
        note("jobs", old.jobs == new.jobs)
        note("limits.transfers", old.limits.transfers == new.limits.transfers)
        note("limits.memory", old.limits.memory == new.limits.memory)
        note("limits.bwlimit", old.limits.bandwidth == new.limits.bandwidth)
        note("limits.hold_above", old.limits.holdAbove == new.limits.holdAbove)
        note("history", old.history == new.history)
        for name in Set(old.stores.keys).union(new.stores.keys).sorted() {
            let (before, after) = (old.stores[name], new.stores[name])
            // It has a folder and a socket of its own.
            let isEmbedded = [before, after].contains { $0?.isEmbedded == true }
            note("stores.\(name)", before == after, live: !isEmbedded)
        }
        for name in Set(old.sinks.keys).union(new.sinks.keys).sorted() {
            note("sinks.\(name)", old.sinks[name] == new.sinks[name], live: false)
        }
        compareTemplates(old, new)
    }

    private mutating func compareTemplates(_ old: Configuration, _ new: Configuration) {
        for template in old.templates
        where !new.templates.contains(where: { $0.name == template.name }) {
            keys.append("template \(template.name)")
            unwatched.append(template)
        }
        for template in new.templates {
            let before = old.templates.first { $0.name == template.name }
            guard before != template else { continue }
            keys.append("template \(template.name)")
            if before.map(WayOfWatching.init) != WayOfWatching(template) {
                watched.append(template)
            }
        }
    }

    private mutating func note(_ key: String, _ isSame: Bool, live: Bool = true) {
        guard !isSame else { return }
        keys.append(key)
        if !live { forRestart.append(key) }
    }
}

extension StoreSettings {
    fileprivate var isEmbedded: Bool {
        if case .local = kind { true } else { false }
    }
}
