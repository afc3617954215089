// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Glibc
import Testing

@Suite("A file that changes in the middle of its upload", .timeLimit(.minutes(10)))
struct ChangedFileTests {
    @Test(
        "is never published as it was, and has a link to what it became (W12)",
        arguments: ["multipart_threshold: 100MiB", "multipart_threshold: 8MiB, part_size: 5MiB"]
    )
    func changes(how: String) throws {
        let store = try FaultStore()
        try store.set("hold=1")
        let sandbox = try Sandbox(store: store.yaml(", \(how)"), environment: FaultStore.keys)
        let daemon = try sandbox.start()
        let first = Data(repeating: 1, count: 32 << 20)
        try sandbox.write("inbox/a.bin", first)
        try store.untilHeld()

        let file = try FileHandle(
            forUpdating: sandbox.folder.appending(path: "inbox/a.bin")
        )
        try file.seek(toOffset: 31 << 20)
        try file.write(contentsOf: Data("other".utf8))
        try file.close()
        try store.set("hold=0")

        var second = first
        second.replaceSubrange((31 << 20)..<(31 << 20) + 5, with: Data("other".utf8))
        let lines = try sandbox.manifest.lines(count: 1)
        #expect(lines.map(\.sha256) == [SHA256.hash(data: second).hex], "\(sandbox.log)")
        let dropped = try sandbox.presignd("jobs", "--state", "dropped").output
        #expect(dropped.contains("a.bin") && dropped.contains("superseded"), "\(dropped)")
        #expect(try sandbox.presignd("drain", "--timeout", "1m").status == 0)
        let links = try sandbox.manifest.lines()
        #expect(links.count == 1, "one link, to the newer content")
        let line = try #require(links.first)
        let facts = try store.facts()
        #expect(facts.objects[line.key] == [.size(second.count), .digest(line.sha256)])
        #expect(facts.uploads.isEmpty)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }
}
