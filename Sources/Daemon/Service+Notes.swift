// SPDX-License-Identifier: Apache-2.0

import Jobs

extension Service {
    /// Looks for what works, but not as a template's author may expect.
    ///
    /// That is so far: links that are asked to live longer than the key that signs them, which end
    /// with it.
    ///
    /// - Returns: One sentence for each; empty when all is as it is written. A store without a key is
    ///   left to `problems()`.
    public func notes() async -> [String] {
        var notes: [String] = []
        let now = WallClock.now()
        let templates = Dictionary(grouping: configuration.templates, by: \.store)
        for store in configuration.stores.values.sorted(by: { $0.name < $1.name }) {
            guard let templates = templates[store.name] else { continue }
            let access = StoreAccess(
                store,
                state: configuration.state,
                environment: surroundings.environment
            )
            for template in templates.sorted(by: { $0.name < $1.name }) {
                let asked = template.link.expiresIn
                guard let end = try? await access.linkKeyEnd(at: now, lasting: asked),
                    (end - now).seconds - 60 < asked.seconds
                else { continue }
                notes.append(
                    "template \(template.name): links shall live \(Self.text(asked)), but the key "
                        + "that signs them (store \(store.name)) ends at \(end.rfc3339), and they "
                        + "a minute before it; give the store `link_credentials:` that last, let the "
                        + "role's session last longer (duration_seconds), or ask for less"
                )
            }
        }
        return notes
    }

    /// A span as it is written in a template.
    private static func text(_ span: Span) -> String {
        let seconds = span.seconds
        for (unit, size) in [("d", Int64(86_400)), ("h", 3_600), ("m", 60)]
        where seconds.isMultiple(of: size) {
            return "\(seconds / size)\(unit)"
        }
        return "\(seconds)s"
    }
}
