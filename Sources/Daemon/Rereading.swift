// SPDX-License-Identifier: Apache-2.0

public import Jobs
public import Settings

/// How a running daemon reads its files anew.
public struct Rereading: Sendable {
    /// Reads all of them; its error is told, and the old configuration stays in force.
    public var all: @Sendable () throws -> Configuration
    /// Reads the templates under the configuration that is in force, each by itself.
    public var templates: @Sendable (Configuration) -> TemplateReading

    /// Makes the two ways.
    public init(
        all: @escaping @Sendable () throws -> Configuration,
        templates: @escaping @Sendable (Configuration) -> TemplateReading
    ) {
        self.all = all
        self.templates = templates
    }
}
