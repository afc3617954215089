// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Manifests
import Testing

/// The lines of every event before Python's JSON and docs/manifest.schema.json.
///
/// It needs a Python with jsonschema; without one the test says so and ends.
@Suite("The lines of a manifest, read in Python")
struct LinesInPythonTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let python =
        environment["TOOLS_WEBHOOKS"] ?? environment["PRESIGND_TEST_PYTHON"] ?? "python3"
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private struct Seen: Decodable { var event: String, path: String, errors: [String] }

    private func run(_ words: [String]) throws -> (status: Int32, output: Data) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [Self.python] + words
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, data)
    }

    /// Every event there is, of a file of this name.
    private func events(_ name: FileName) throws -> [SinkEvent] {
        var link = try event(name: name, key: ObjectKey(bytes: name.bytes))
        link.group = GroupMark(id: link.link.id, name: name, revision: 1)
        var events: [SinkEvent] = []
        for kind in LinkEvent.Kind.allCases {
            switch kind {
            case .created, .renewed, .expiring:
                link.kind = kind
                events.append(.link(link))
            case .expired, .revoked, .superseded:
                events.append(.ended(try ending(kind, name: name)))
            case .failed:
                let message = String(decoding: name.bytes, as: UTF8.self)
                events.append(.failure(try failure(name: name, message: message)))
            case .groupPublished:
                let group = GroupEvent(
                    sequence: 9,
                    mark: try #require(link.group),
                    template: "inbox",
                    members: 2,
                    size: 7,
                    publishedAt: Timestamp(seconds: 1_795_460_400)
                )
                events.append(.group(group))
            }
        }
        for reason in LinkEnding.Reason.allCases {
            events.append(.ended(try ending(.revoked, name: name, reason: reason)))
        }
        return events
    }

    @Test("are as the schema says, with the exact names, whatever the event and the name are")
    func schema() throws {
        guard try run(["-c", "import jsonschema"]).status == 0 else {
            print("skipped: \(Self.python) has no jsonschema")
            return
        }
        var wanted: [(event: String, path: [UInt8])] = []
        var text: [UInt8] = []
        for bytes in hostileNames {
            for event in try events(FileName(bytes: bytes)) {
                ManifestLine.append(event, to: &text)
                wanted.append((event.kind.rawValue, bytes))
            }
        }
        text += ManifestLine.snapshotEnd(sequence: 9, links: 0, at: Timestamp(seconds: 1))
        text += Array("{\"seq\":10,\"event\":\"link.later\"}\n".utf8)
        wanted += [("manifest.snapshot", []), ("link.later", [])]
        // One that lacks what it must say, so that the schema is seen to look.
        let damaged = String(decoding: line(of: .ended(try ending())), as: UTF8.self)
            .replacingOccurrences(of: "\"at\"", with: "\"x\"")
        text += Array(damaged.utf8) + [0x0a]
        let file = FileManager.default.temporaryDirectory
            .appending(path: "presignd-lines-\(UUID().uuidString).jsonl")
        try Data(text).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let script = Self.root.appending(path: "Tests/Readers/read.py").path
        let schema = Self.root.appending(path: "docs/manifest.schema.json").path
        let result = try run([script, "lines", schema, file.path])
        #expect(result.status == 0)
        let seen = try JSONDecoder().decode([Seen].self, from: result.output)
        #expect(seen.count == wanted.count + 1)
        #expect(seen.last?.errors == ["[]: 'at' is a required property"])
        for (line, wanted) in zip(seen, wanted) {
            #expect(line.event == wanted.event && line.errors.isEmpty, "\(line.errors)")
            #expect(line.path == wanted.path.hex)
        }
    }
}
