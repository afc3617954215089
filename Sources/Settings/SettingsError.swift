// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong in a configuration file.
public struct SettingsProblem: Hashable, Sendable {
    /// The file, as the person named it.
    public var file: String
    /// The line, from 1; 0 when the whole file is meant.
    public var line: Int
    /// The key with the keys above it, such as `stores.media.endpoint`; empty for the whole file.
    public var key: String
    /// What is wrong.
    public var problem: String
    /// The change that fixes it.
    public var cure: String

    /// Makes a problem.
    public init(file: String, line: Int, key: String, problem: String, cure: String) {
        self.file = file
        self.line = line
        self.key = key
        self.problem = problem
        self.cure = cure
    }
}

extension SettingsProblem: CustomStringConvertible {
    /// `file:line: key: problem; cure`, the form editors can jump to.
    public var description: String {
        let place = line > 0 ? "\(file):\(line)" : file
        let subject = key.isEmpty ? place : "\(place): \(key)"
        return "\(subject): \(problem); \(cure)"
    }
}

/// All that is wrong in a configuration, not only the first thing.
///
/// The texts show values of the files, but never one that may be a secret. Exit code 78.
public struct SettingsError: Error, Hashable, Sendable {
    /// The problems, by file and line; at least one.
    public var problems: [SettingsProblem]

    /// Makes an error.
    public init(problems: [SettingsProblem]) { self.problems = problems }
}

extension SettingsError: CustomStringConvertible {
    /// One line for each problem.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
