// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// What the folder of the templates says, under a configuration that is in force.
///
/// Each file by itself: one that is wrong keeps no other from being taken up.
public struct TemplateReading: Hashable, Sendable {
    /// The templates to have in force, ordered by name.
    ///
    /// A file that is wrong stands here as it was, if it was in force before.
    public var templates: [Template]
    /// The file of each of them, by the template's name.
    public var files: [String: String]
    /// What is wrong, and what is in force of that file; one sentence for each problem.
    public var problems: [String]
    /// What a person should know of the files that changed.
    public var warnings: [String]

    /// Makes a reading.
    public init(
        templates: [Template],
        files: [String: String] = [:],
        problems: [String] = [],
        warnings: [String] = []
    ) {
        self.templates = templates
        self.files = files
        self.problems = problems
        self.warnings = warnings
    }
}
