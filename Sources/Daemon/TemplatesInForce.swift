// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization

/// The templates as they are in force, which those of queued jobs may differ from.
final class TemplatesInForce: Sendable {
    private let templates: Mutex<[String: Template]>

    init(_ configuration: Configuration) {
        templates = Mutex(Self.byName(configuration))
    }

    /// The template of a name, if there is one.
    subscript(name: String) -> Template? { templates.withLock { $0[name] } }

    /// The stores of those that renew links.
    var storesThatRenew: Set<String> {
        templates.withLock { templates in
            Set(templates.values.lazy.filter { $0.link.renewUntil != nil }.map(\.store))
        }
    }

    /// Whether any has objects deleted some time after their links have ended.
    var haveRetention: Bool {
        templates.withLock { $0.values.contains { $0.retention.expireObjectsAfter != nil } }
    }

    /// Takes over another configuration.
    func set(_ configuration: Configuration) {
        let templates = Self.byName(configuration)
        self.templates.withLock { $0 = templates }
    }

    private static func byName(_ configuration: Configuration) -> [String: Template] {
        Dictionary(uniqueKeysWithValues: configuration.templates.map { ($0.name, $0) })
    }
}
