// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Glibc
import Testing

@Suite("A large file", .timeLimit(.minutes(5)))
struct LargeFileTests {
    private static func content(_ count: Int) -> Data {
        var state: UInt64 = 88_172_645_463_325_252
        var bytes = Data(capacity: count)
        while bytes.count < count {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: state >> (8 * shift))) }
        }
        return bytes.prefix(count)
    }

    @Test("goes in parts to a real server, and its link gives it back", arguments: RealStore.all)
    func realStores(store: RealStore) throws {
        try store.createBucket("large-bucket")
        let yaml = store.yaml(bucket: "large-bucket")
        let parts = "{ multipart_threshold: 6MiB, part_size: 5MiB,"
        let sandbox = try Sandbox(
            store: yaml.replacing("{ kind", with: "\(parts) kind"),
            environment: store.keys
        )
        let daemon = try sandbox.start()
        let content = Self.content(17 << 20)
        try sandbox.write("inbox/large.bin", content)
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        #expect(line.size == content.count)
        #expect(
            line.sha256 == SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined()
        )
        let answer = try Program.curl(line.url)
        #expect(answer.status == 200 && answer.body == content)
        #expect(!sandbox.log.contains("waits:"), "\(sandbox.log)")
        // Nothing unfinished is left behind.
        let url = try store.url("GET", bucket: "large-bucket", query: ["uploads": ""])
        let uploads = try Program.curl(url)
        if uploads.status == 200 {
            #expect(!String(decoding: uploads.body, as: UTF8.self).contains("<UploadId>"))
        }
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("replaces nothing that is under its key", arguments: RealStore.all)
    func taken(store: RealStore) throws {
        try store.createBucket("taken-bucket")
        let yaml = store.yaml(bucket: "taken-bucket")
        let sandbox = try Sandbox(
            store: yaml.replacing(
                "{ kind",
                with: "{ multipart_threshold: 6MiB, part_size: 5MiB, kind"
            ),
            template: "key: \"\(UUID().uuidString)/{name}\"\n",
            environment: store.keys
        )
        let daemon = try sandbox.start()
        try sandbox.write("inbox/one/large.bin", "what was there before")
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        try sandbox.write("inbox/two/large.bin", Self.content(7 << 20))
        try sandbox.untilLog(contains: "needs a person: key-exists")
        #expect(try Program.curl(line.url).body == Data("what was there before".utf8))
        #expect(try sandbox.manifest.lines().count == 1)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("goes in parts to the embedded store, also over SIGKILLs, and leaves nothing behind")
    func embedded() throws {
        let port = try Sandbox.freePort()
        let sandbox = try Sandbox(
            store: """
                { kind: local, folder: ./more, listen: "127.0.0.1:\(port)", \
                multipart_threshold: 6MiB, part_size: 5MiB }
                """
        )
        let content = Self.content(33 << 20)
        var daemon = try sandbox.start()
        try sandbox.write("inbox/large.bin", content)
        // Wherever it stands by then: each life goes on where the one before ended.
        for _ in 0..<4 {
            daemon.signal(SIGKILL)
            _ = daemon.wait()
            daemon = try sandbox.start()
        }
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        let answer = try Program.curl(line.url)
        #expect(answer.status == 200 && answer.body == content)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
        let parts = sandbox.folder.appending(path: "more/parts").path
        let left = (try? FileManager.default.contentsOfDirectory(atPath: parts)) ?? []
        #expect(left.isEmpty, "\(left)")
        #expect(try sandbox.manifest.lines().count == 1)
    }

    @Test("goes on after SIGKILL: no part that was finished is sent again (U2)")
    func killed() throws {
        let count = ProcessInfo.processInfo.environment["PRESIGND_LARGE_PARTS"].flatMap { Int($0) }
        let parts = count ?? 12
        // Three are on their way when the process ends, the three last.
        let server = try PartsServer(firstHeld: parts - 2)
        let sandbox = try Sandbox(
            store: """
                { kind: s3, bucket: b, region: us-east-1, endpoint: "http://127.0.0.1:\(server.port)", \
                addressing: path, credentials: env, multipart_threshold: 1MiB, part_size: 8MiB }
                """,
            environment: ["AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"]
        )
        var daemon = try sandbox.start()
        try sandbox.write("inbox/large.bin", Self.content(parts * (8 << 20) - 5))
        // With the last one under way all before the three are answered and remembered.
        try server.untilLog(contains: "PUT part \(parts)\n")
        daemon.signal(SIGKILL)
        _ = daemon.wait()
        server.release()
        daemon = try sandbox.start()
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        #expect(line.size == parts * (8 << 20) - 5)
        let log = try server.log()
        for number in 1...(parts - 3) {
            #expect(log.count { $0 == "PUT part \(number)" } == 1, "part \(number)")
        }
        #expect(log.count { $0 == "POST uploads 0" } == 1)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }
}
