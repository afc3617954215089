// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The arrows of docs/architecture.md, asserted: what each room may import of the others.
///
/// The compiler's own check of imports lets a transitive one through, so this reads the sources.
private let mayImport: [String: Set<String>] = [
    "presignd": [
        "Daemon", "Settings", "Sign", "Credentials", "Objects", "Control", "Manifests", "Jobs",
        "CLinux",
    ],
    "Daemon": [
        "Settings", "Watch", "Queue", "Sign", "Credentials", "Objects", "Transfer", "Publish",
        "LocalStore", "Control", "HTTP", "Manifests", "Jobs", "CLinux",
    ],
    "Settings": ["Jobs"],
    "Watch": ["Jobs", "CLinux"],
    "Queue": ["Jobs", "CSQLite"],
    "Sign": ["Jobs", "COpenSSL"],
    "Credentials": ["Sign", "HTTP", "Jobs", "CLinux"],
    "Objects": ["Jobs"],
    "Transfer": ["Objects", "HTTP", "Jobs", "CLinux"],
    "Publish": ["HTTP", "Manifests", "Jobs", "CLinux"],
    "LocalStore": ["Sign", "Jobs", "CLinux"],
    "Control": ["HTTP", "Jobs"],
    "HTTP": ["CCurl"],
    "Manifests": ["Jobs"],
    "Jobs": [],
    "CCurl": [],
    "COpenSSL": [],
    "CSQLite": [],
    "CLinux": [],
]

@Suite("The layers")
struct LayerTests {
    private static let sources = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources")

    @Test("a room imports only the rooms below it", arguments: mayImport.keys.sorted())
    func arrowsPointDown(room: String) throws {
        for (file, imported) in try Self.imports(of: room) where mayImport.keys.contains(imported) {
            #expect(
                mayImport[room]?.contains(imported) == true,
                "\(room)/\(file) imports \(imported)"
            )
        }
    }

    @Test("every folder of Sources is a room of the table")
    func noUnknownRoom() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
        #expect(Set(folders) == Set(mayImport.keys))
    }

    @Test("a room's imports are found at all")
    func importsAreFound() throws {
        #expect(try Self.imports(of: "Daemon").contains { $0.1 == "Queue" })
    }

    /// The modules that a room's files import, `import struct Jobs.Job` and the like included.
    private static func imports(of room: String) throws -> [(String, String)] {
        let folder = sources.appending(path: room)
        let pattern =
            /^\s*(?:@\w+\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+(?:(?:struct|enum|class|protocol|func|var|let|typealias)\s+)?(\w+)/
            .anchorsMatchLineEndings()
        var found: [(String, String)] = []
        let files = FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? []
        for case let file as String in files where file.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            found += text.matches(of: pattern).map { (file, String($0.1)) }
        }
        return found
    }
}
