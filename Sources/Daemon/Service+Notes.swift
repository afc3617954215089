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
                let end = try? await access.linkKeyEnd(at: now, lasting: template.link.expiresIn)
                if let note = template.note(ofKeyEnding: end ?? nil, at: now) { notes.append(note) }
            }
        }
        return notes
    }
}
