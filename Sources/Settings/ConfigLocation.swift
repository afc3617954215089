// SPDX-License-Identifier: Apache-2.0

/// Finds `config.yaml`.
public enum ConfigLocation: Sendable {
    /// The path of the configuration: the one named on the command line, else
    /// `$PRESIGND_CONFIG`, else `./config.yaml`, else `/etc/presignd/config.yaml`.
    ///
    /// A file that was named and is missing is an error; nothing else is taken in its place.
    ///
    /// - Parameters:
    ///   - explicit: What `--config` says.
    ///   - environment: The environment of the process.
    ///   - fileExists: Whether there is a file.
    /// - Returns: The path as it was given.
    /// - Throws: `ConfigNotFound`, which lists what was looked at.
    public static func find(
        explicit: String?,
        environment: [String: String],
        fileExists: (String) -> Bool
    ) throws(ConfigNotFound) -> String {
        if let explicit { return try require(explicit, "--config \(explicit)", fileExists) }
        if let named = environment["PRESIGND_CONFIG"], !named.isEmpty {
            return try require(named, "$PRESIGND_CONFIG (\(named))", fileExists)
        }
        let usual = ["./config.yaml", "/etc/presignd/config.yaml"]
        if let found = usual.first(where: fileExists) { return found }
        throw ConfigNotFound(
            lookedAt: ["--config (not given)", "$PRESIGND_CONFIG (not set)"] + usual
        )
    }

    private static func require(
        _ path: String,
        _ source: String,
        _ fileExists: (String) -> Bool
    ) throws(ConfigNotFound) -> String {
        guard fileExists(path) else { throw ConfigNotFound(lookedAt: [source]) }
        return path
    }
}

/// There is no configuration.
///
/// Exit code 78.
public struct ConfigNotFound: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where it was looked for, in order.
    public var lookedAt: [String]

    /// Makes an error.
    public init(lookedAt: [String]) { self.lookedAt = lookedAt }

    /// What was looked at, and what to do.
    public var description: String {
        "there is no configuration; looked at \(lookedAt.joined(separator: ", ")); "
            + "create config.yaml, or name it with --config"
    }
}
