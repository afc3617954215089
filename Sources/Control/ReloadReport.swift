// SPDX-License-Identifier: Apache-2.0

/// What became of reading the configuration anew: all of it is in force, or nothing is changed.
public struct ReloadReport: Hashable, Sendable, Codable {
    /// The keys that changed.
    public var changed: [String]
    /// What is wrong; then nothing was changed.
    public var problems: [String]
    /// The keys that only a new start can take up; then nothing was changed.
    public var needingRestart: [String]

    /// Makes a report.
    public init(
        changed: [String] = [],
        problems: [String] = [],
        needingRestart: [String] = []
    ) {
        self.changed = changed
        self.problems = problems
        self.needingRestart = needingRestart
    }

    /// Whether what was read is in force.
    public var isDone: Bool { problems.isEmpty && needingRestart.isEmpty }

    /// What happened, for people.
    public var sentence: String {
        if !problems.isEmpty {
            return "the new configuration is wrong, the old one stays in force: "
                + problems.joined(separator: "\n")
        }
        if !needingRestart.isEmpty {
            return "the old configuration stays in force, because these changes need a restart of "
                + "presignd: \(needingRestart.joined(separator: ", ")); restart it, or undo them and "
                + "reload the others"
        }
        return changed.isEmpty
            ? "Nothing has changed." : "In force now: \(changed.joined(separator: ", "))."
    }

    enum CodingKeys: String, CodingKey {
        case changed, problems
        case needingRestart = "needing_restart"
    }
}
