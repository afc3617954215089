// SPDX-License-Identifier: Apache-2.0

/// The variables of a process, where an empty one counts as not set, as it does for the AWS tools.
struct Environment: Sendable {
    private let variables: [String: String]

    init(_ variables: [String: String]) { self.variables = variables }

    subscript(name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
