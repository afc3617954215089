// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Settings
import Testing

/// A folder with a configuration that goes away with the test.
final class ConfigFolder {
    let path: String

    /// A configuration without fault, in parts.
    static let start = "version: 1\n"
    static let stores = "stores:\n  local: { kind: local, folder: ./objects }\n"
    static let sinks = "sinks:\n  links: { kind: manifest, path: ./links/links.jsonl }\n"
    static let config = start + stores + sinks
    static let template = "watch: ./inbox\nstore: local\npublish: [links]\n"

    /// Makes the folder; with an inbox, so that nothing is warned of.
    init(_ config: String = ConfigFolder.config, _ templates: [String: String] = [:]) throws {
        var name = Array("/tmp/presignd-settings-XXXXXX".utf8CString)
        let made = unsafe mkdtemp(&name) != nil
        try #require(made)
        path = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        try makeFolder("jobs")
        try makeFolder("inbox")
        try write(config, to: "config.yaml")
        for (name, text) in templates { try write(text, to: "jobs/\(name)") }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: "\(path)/\(name)",
            withIntermediateDirectories: true
        )
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }

    func move(_ name: String, to other: String) throws {
        try FileManager.default.moveItem(atPath: "\(path)/\(name)", toPath: "\(path)/\(other)")
    }

    func load() throws(SettingsError) -> SettingsReader.Loaded {
        try SettingsReader.load(config: "\(path)/config.yaml")
    }

    /// What is wrong, with the folder's own path left out.
    func problems() -> [String] {
        do throws(SettingsError) {
            _ = try load()
            return []
        } catch {
            return error.problems.map { $0.description.replacing("\(path)/", with: "") }
        }
    }
}

/// The problems of a configuration with one template.
func problems(
    _ config: String = ConfigFolder.config,
    template: String = ConfigFolder.template
) throws -> [String] {
    try ConfigFolder(config, ["inbox.yaml": template]).problems()
}

/// The problems of a configuration whose stores are these lines.
func problems(stores: String) throws -> [String] {
    let lines = stores.split(separator: "\n").map { "  \($0)\n" }.joined()
    let config =
        ConfigFolder.start + "stores:\n  local: { kind: local, folder: ./objects }\n" + lines
    return try problems(config + ConfigFolder.sinks)
}
