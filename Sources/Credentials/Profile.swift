// SPDX-License-Identifier: Apache-2.0

/// What both files say of one profile; an empty value counts as none.
struct Profile: Sendable {
    /// The profile's name.
    let name: String
    private let values: [String: String]

    init(_ name: String, _ values: [String: String]) {
        self.name = name
        self.values = values
    }

    /// How errors call it.
    var place: String { "profile \"\(name)\"" }

    subscript(setting: String) -> String? { values[setting].flatMap { $0.isEmpty ? nil : $0 } }
}
