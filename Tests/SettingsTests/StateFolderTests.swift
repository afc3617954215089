// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@Suite("The state folder of a configuration that is wrong")
struct StateFolderTests {
    @Test(
        "is found all the same",
        arguments: [
            ("state: ./here", "here"), ("state: here  # the queue", "here"),
            ("state: \"a # b\" # c", "a # b"), ("state: '../x'", "../x"), ("", "state"),
            ("state: /var/lib/presignd\r", "/var/lib/presignd"),
        ]
    )
    func found(line: String, name: String) throws {
        let folder = try ConfigFolder("version: 1\n\(line)\nstores: {\n", [:])
        let found = SettingsReader.stateFolder(config: "\(folder.path)/config.yaml")
        let parent = folder.path.split(separator: "/").dropLast().joined(separator: "/")
        let wanted =
            name.hasPrefix("/") ? name : name == "../x" ? "/\(parent)/x" : "\(folder.path)/\(name)"
        #expect(found == wanted)
    }

    @Test("is none where there is no file")
    func missing() {
        #expect(SettingsReader.stateFolder(config: "/nowhere/config.yaml") == nil)
    }
}
