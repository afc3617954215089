// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("Links that are fetched before they are published", .timeLimit(.minutes(5)))
struct ProofTests {
    @Test("are all, one for all, or none", arguments: [("each", 20), ("sampled", 1), ("off", 0)])
    func counted(prove: String, fetched: Int) throws {
        let store = try FaultStore()
        let sandbox = try Sandbox(
            store: store.yaml(),
            link: "{ expires_in: 1h, prove: \(prove) }",
            environment: FaultStore.keys
        )
        for number in 0..<20 { try sandbox.write("inbox/\(number).txt", "file \(number)") }
        let daemon = try sandbox.start()
        let lines = try sandbox.manifest.lines(count: 20)
        #expect(lines.count == 20, "\(sandbox.log)")
        #expect(lines.count { $0.proven_at != nil } == fetched)
        // An answer to one byte; the store was asked for nothing else but to take the files.
        let facts = try store.facts()
        #expect(facts.statuses["206"] ?? 0 == fetched)
        #expect(facts.requests == 20 + fetched)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("are one more when another key signs them, under `sampled`")
    func otherKey() throws {
        let store = try FaultStore()
        let sandbox = try Sandbox(
            store: store.yaml().replacing("credentials: env", with: "credentials: { profile: p }"),
            link: "{ expires_in: 1h, prove: sampled }"
        ) { ["AWS_SHARED_CREDENTIALS_FILE": $0.appending(path: "keys").path] }
        func write(_ key: String) throws {
            let text = "[p]\naws_access_key_id = \(key)\naws_secret_access_key = s\n"
            let file = sandbox.folder.appending(path: "keys")
            try Data(text.utf8).write(to: file, options: .atomic)
        }
        try write("OLD")
        let daemon = try sandbox.start()
        for number in 0..<5 { try sandbox.write("inbox/\(number).txt", "file \(number)") }
        _ = try sandbox.manifest.lines(count: 5)
        try write("NEW")
        // The file is looked at each second.
        var lines: [Line] = []
        for number in 5..<500 {
            try sandbox.write("inbox/\(number).txt", "file \(number)")
            lines = try sandbox.manifest.lines(count: number + 1)
            if lines.last?.url.contains("Credential=NEW%2F") == true { break }
        }
        let proven = lines.filter { $0.proven_at != nil }
        #expect(proven.count == 2, "\(sandbox.log)")
        #expect(proven.last?.seq == lines.last?.seq)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }
}
