// SPDX-License-Identifier: Apache-2.0

public import Logging

/// What a service needs to know of the process it runs in.
public struct Surroundings: Sendable {
    /// The environment, read once at start.
    public var environment: [String: String]
    /// The program's version.
    public var version: String
    /// Where log entries go.
    public var logger: Logger

    /// Describes a process.
    public init(environment: [String: String], version: String, logger: Logger) {
        self.environment = environment
        self.version = version
        self.logger = logger
    }
}
