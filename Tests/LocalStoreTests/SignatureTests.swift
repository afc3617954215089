// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Sign
import Synchronization
import Testing

@testable import LocalStore

@Suite("A signed URL of the embedded store", .timeLimit(.minutes(3)))
struct SignatureTests {
    @Test("grants nothing else once any part of it is changed")
    func tampering() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            try await store.ask(.put, ObjectKey("k"), body: [1])
            try await store.ask(.put, ObjectKey("j"), body: [2])
            let request = try store.sign(
                ObjectRequest(
                    .get,
                    ObjectKey("k"),
                    headers: [Header("range", "bytes=0-0")],
                    query: [QueryItem("response-content-type", "text/plain")],
                    lifetime: 600
                )
            )
            let target = RunningStore.target(of: request.url.reveal())
            let good = [Header("Range", "bytes=0-0")]
            #expect(try await store.exchange("GET", target, good).status == 206)

            let changes: [(String, String)] = [
                ("/local/k", "/local/j"), ("text%2Fplain", "text%2Fhtml"),
                ("X-Amz-Expires=600", "X-Amz-Expires=601"),
                ("eu-test-1", "eu-test-2"), ("SignedHeaders=host", "SignedHeaders=hosu"),
            ]
            for (from, to) in changes {
                let changed = target.components(separatedBy: from).joined(separator: to)
                #expect(changed != target, "\(from) is in the target")
                let reply = try await store.exchange("GET", changed, good)
                #expect(reply.status == 403, "\(to): \(reply.text)")
            }
            let mismatches = [
                try await store.exchange("HEAD", target, good),
                try await store.exchange("DELETE", target, good),
                try await store.exchange("GET", target, [Header("Range", "bytes=0-1")]),
                try await store.exchange("GET", target, []),
                try await store.exchange("GET", target, good, host: "example.com"),
                try await store.exchange("GET", target + "&x=1", good),
                try await store.exchange("GET", Self.flippingLast(target), good),
            ]
            for reply in mismatches { #expect(reply.status == 403) }
            for reply in mismatches.dropFirst() { #expect(reply.code == "SignatureDoesNotMatch") }
            #expect(mismatches[0].body.isEmpty)
            let extra = good + [Header("x-amz-meta-a", "b")]
            #expect(try await store.exchange("GET", target, extra).code == "AccessDenied")
            #expect(try await store.exchange("GET", target, good).status == 206)
        }
    }

    private static func flippingLast(_ text: String) -> String {
        text.dropLast() + (text.last == "0" ? "1" : "0")
    }

    @Test("ends when it says")
    func expiry() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            try await store.ask(.put, ObjectKey("k"), body: [1])
            let request = try store.sign(ObjectRequest(.get, ObjectKey("k"), lifetime: 60))
            store.clock.advance(.seconds(59))
            #expect(try await store.send(request).status == 200)
            store.clock.advance(.seconds(1))
            let expired = try await store.send(request)
            #expect(expired.status == 403)
            #expect(expired.code == "AccessDenied")
            #expect(expired.element("Message") == "Request has expired")
            #expect(expired.element("X-Amz-Expires") == "60")
            #expect(expired.element("Expires")?.hasSuffix("Z") == true)
            #expect(expired.element("ServerTime") == store.clock.now.rfc3339)
        }
    }

    @Test("is the only way in")
    func unsigned() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            try await store.ask(.put, ObjectKey("k"), body: [1])
            for (method, target) in [
                ("GET", "/local/k"), ("GET", "/local/"), ("GET", "/"), ("DELETE", "/local/k"),
                ("GET", "/local/k?X-Amz-Signature=00"), ("OPTIONS", "/local/k"),
            ] {
                let reply = try await store.exchange(method, target, [])
                #expect(reply.status == 403 || reply.status == 400, "\(method) \(target)")
                #expect(reply.body.starts(with: "<?xml".utf8))
            }
            #expect(try await store.exchange("GET", "/local/k", []).code == "AccessDenied")
            #expect(try await store.ask(.get, ObjectKey("k")).status == 200)
        }
    }

    @Test("of version 2 grants the same, and nothing else once any part of it is changed")
    func versionTwo() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let signer = SigV2Signer(
                endpoint: try Endpoint("http://127.0.0.1:\(store.port)"),
                style: .path,
                bucket: "local",
                key: store.key
            )
            func target(_ method: HTTPMethod, _ query: [QueryItem] = []) throws -> String {
                let request = ObjectRequest(method, ObjectKey("k"), query: query, lifetime: 60)
                let signed = try signer.presign(request, at: store.clock.now)
                return RunningStore.target(of: signed.url.reveal())
            }
            let length = [Header("Content-Length", "3")]
            let put = try target(.put)
            #expect(try await store.exchange("PUT", put, length, body: [1, 2, 3]).status == 200)
            let get = try target(.get, [QueryItem("response-content-type", "text/plain")])
            let reply = try await store.exchange("GET", get, [Header("Range", "bytes=1-")])
            #expect(reply.status == 206 && reply.body == [2, 3])
            #expect(reply.headers["content-type"] == "text/plain")
            #expect(try await store.exchange("HEAD", target(.head), []).status == 200)
            for (method, target) in [
                ("HEAD", get), ("DELETE", get), ("GET", get + "&response-expires=0"),
                ("GET", get + "&versionId=null"), ("GET", get + "&x-amz-checksum-mode=ENABLED"),
                ("GET", Self.replacing("local/k", "local/j", get)),
                ("GET", Self.replacing("text%2Fplain", "text%2Fhtml", get)),
            ] {
                let reply = try await store.exchange(method, target, [])
                #expect(reply.status == 403, "\(method) \(target)")
                #expect(method == "HEAD" || reply.code == "SignatureDoesNotMatch")
            }
            #expect(try await store.exchange("GET", get + "&x=1", []).status == 200)
            let both = try await store.exchange("GET", get + "&X-Amz-Signature=0", [])
            #expect(both.status == 400 && both.code == "InvalidArgument")
            store.clock.advance(.seconds(60))
            let expired = try await store.exchange("GET", get, [])
            #expect(expired.status == 403 && expired.code == "AccessDenied")
            #expect(expired.element("Message") == "Request has expired")
            #expect(expired.element("ServerTime") == store.clock.now.rfc3339)
        }
    }

    private static func replacing(_ part: String, _ other: String, _ text: String) -> String {
        text.components(separatedBy: part).joined(separator: other)
    }

    @Test("for another bucket, the bucket itself or another method is refused in S3's words")
    func otherThings() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let bucket = try await store.ask(.get, ObjectKey("k"), bucket: "other")
            #expect(bucket.status == 404)
            #expect(bucket.code == "NoSuchBucket")
            let list = try await store.ask(.get, ObjectKey(""))
            #expect(list.status == 405)
            #expect(list.code == "MethodNotAllowed")
            let post = try await store.ask(
                .post,
                ObjectKey("k"),
                unsigned: [Header("Content-Length", "0")]
            )
            #expect(post.status == 405)
            #expect(post.code == "MethodNotAllowed")
        }
    }

    @Test("works through a proxy that adds a path in front of the bucket")
    func basePath() async throws {
        let endpoint = try Endpoint("https://files.example.com/s3")
        try await RunningStore.serve(in: TemporaryFolder(), publicEndpoint: endpoint) { store in
            try await store.ask(.put, ObjectKey("k"), body: [1])
            let request = try store.sign(
                ObjectRequest(.get, ObjectKey("local/k"), lifetime: 60),
                bucket: "s3"
            )
            #expect(try await store.send(request).body == [1])
        }
    }

    @Test("never shows in a log, nor does the secret")
    func log() async throws {
        let lines = LogLines()
        var logger = Logger(label: "test") { _ in lines.handler }
        logger.logLevel = .trace
        try await RunningStore.serve(in: TemporaryFolder(), logger: logger) { store in
            try await store.ask(.put, ObjectKey("some\nkey"), body: [1])
            try await store.ask(.get, ObjectKey("some\nkey"))
            try await store.ask(.get, ObjectKey("absent"))
            try await store.talk { try $0.write(Array("GET /local/k?X-Amz-Signature=f".utf8)) }
            let text = lines.text
            #expect(text.contains("PUT some\\x0akey 200"))
            #expect(text.contains("GET /local/absent 404"))
            #expect(!text.contains("X-Amz-"))
            #expect(!text.contains(store.key.secret.reveal()))
        }
    }
}

/// What was logged, with metadata.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    var handler: some LogHandler { Handler(lines: self) }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
        }
    }
}
