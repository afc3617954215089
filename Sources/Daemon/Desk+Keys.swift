// SPDX-License-Identifier: Apache-2.0

import Jobs

extension Desk {
    /// What a person should know of a template whose links end with the key that signs them.
    func keyNote(_ template: Template) async -> String? {
        guard let store = engine.stores[template.store] else { return nil }
        // As it is: no better key is asked for, which could take its time.
        let end = try? await store.access.linkKeyEnd(at: store.now)
        return template.note(ofKeyEnding: end ?? nil, at: store.now)
    }
}
