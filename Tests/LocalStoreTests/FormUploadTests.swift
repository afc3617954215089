// SPDX-License-Identifier: Apache-2.0

import Jobs
import NIOPosix
import Sign
import Testing

@testable import LocalStore

@Suite("A form sent to the embedded store", .timeLimit(.minutes(3)))
struct FormUploadTests {
    private static let boundary = "----test"

    private static func signer(
        _ store: RunningStore,
        bucket: String = "local"
    ) throws
        -> SigV4Signer
    {
        SigV4Signer(
            endpoint: try Endpoint("http://127.0.0.1:\(store.port)"),
            style: .path,
            bucket: bucket,
            region: "eu-test-1",
            key: store.key
        )
    }

    private static func body(
        _ fields: [FormField],
        _ file: [UInt8],
        name: String = "a b.txt",
        after: String = ""
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        for field in fields {
            bytes +=
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(field.name)\"\r\n"
                .utf8
            bytes += "\r\n".utf8
            bytes += field.value + [13, 10]
        }
        let disposition = "Content-Disposition: form-data; name=\"file\"; filename=\"\(name)\""
        bytes += "--\(boundary)\r\n\(disposition)\r\nContent-Type: x/y\r\n\r\n".utf8
        return bytes + file + "\r\n\(after)--\(boundary)--\r\n".utf8
    }

    private func post(
        _ store: RunningStore,
        _ body: [UInt8],
        to target: String = "/local",
        type: String = "multipart/form-data; boundary=\(boundary)"
    ) async throws -> Reply {
        let headers = [Header("Content-Type", type), Header("Content-Length", "\(body.count)")]
        return try await store.exchange("POST", target, headers, body: body)
    }

    /// Signs, fills in and sends.
    private func upload(
        _ store: RunningStore,
        _ policy: PostPolicy,
        _ file: [UInt8],
        name: String = "a b.txt",
        extra: [FormField] = []
    ) async throws -> Reply {
        let form = try Self.signer(store).form(for: policy, at: store.clock.now)
        return try await post(store, Self.body(form.reveal() + extra, file, name: name))
    }

    @Test("stores the file with its headers, under the name that the policy allows")
    func stored() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let policy = PostPolicy(
                .prefix(ObjectKey("in/")),
                contentType: "text/plain",
                size: 0...100,
                fields: [
                    Header("Content-Disposition", "attachment"), Header("x-amz-meta-who", "me"),
                    Header("Cache-Control", "no-store"),
                ],
                lifetime: 60
            )
            let file = Array("hello\r\n--\(Self.boundary.dropLast())\r\n".utf8)
            let reply = try await upload(store, policy, file, name: #"C:\x\..\a b.txt"#)
            #expect(reply.status == 204 && reply.body.isEmpty, "\(reply.text)")
            #expect(
                reply.headers["location"] == "http://127.0.0.1:\(store.port)/local/in/a%20b.txt"
            )
            let object = try await store.ask(.get, ObjectKey("in/a b.txt"))
            #expect(object.body == file)
            #expect(object.headers["etag"] == reply.headers["etag"])
            #expect(object.headers["content-type"] == "text/plain")
            #expect(object.headers["content-disposition"] == "attachment")
            #expect(object.headers["cache-control"] == "no-store")
            #expect(object.headers["x-amz-meta-who"] == "me")
        }
    }

    @Test("takes sizes up to the bounds, and keeps nothing of one that is beyond")
    func sizes() async throws {
        let folder = try TemporaryFolder()
        try await RunningStore.serve(in: folder) { store in
            for (size, code) in [
                (9, "EntityTooSmall"), (10, nil), (400_000, nil), (400_001, "EntityTooLarge"),
                (3_000_000, "EntityTooLarge"),
            ] {
                let key = ObjectKey("size \(size)")
                let policy = PostPolicy(.key(key), size: 10...400_000, lifetime: 60)
                let file = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) }
                let reply = try await upload(store, policy, file)
                #expect(reply.code == code, "\(size)")
                let object = try await store.ask(.get, key)
                #expect(object.status == (code == nil ? 200 : 404))
                if code == nil { #expect(object.body == file) }
            }
            let left = try await RunningStore.threads.runIfActive {
                let path = "\(store.folder)/incoming"
                return try PrivateFolder.names(in: OpenFile(path, flags: 0), path: path)
            }
            #expect(left.isEmpty)
        }
    }

    @Test("counts what it takes against the bound of the folder")
    func quota() async throws {
        try await RunningStore.serve(in: TemporaryFolder(), maxSize: 100_000) { store in
            let policy = PostPolicy(.key(ObjectKey("k")), lifetime: 60)
            let small = try await upload(store, policy, [1])
            #expect(small.status == 204 || small.code == "SlowDown", "\(small.text)")
            let bytes = [UInt8](repeating: 1, count: 120_000)
            let large = try await upload(store, policy, bytes)
            #expect(["QuotaExceeded", "SlowDown"].contains(large.code))
        }
    }

    @Test("answers as the form asks")
    func answers() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            func reply(_ name: String, _ value: String) async throws -> Reply {
                let policy = PostPolicy(
                    .key(ObjectKey("a&b")),
                    fields: [Header(name, value)],
                    lifetime: 60
                )
                return try await upload(store, policy, [1])
            }
            #expect(try await reply("success_action_status", "200").status == 200)
            #expect(try await reply("success_action_status", "404").status == 204)
            let created = try await reply("Success_Action_Status", "201")
            #expect(created.status == 201)
            #expect(created.element("Bucket") == "local" && created.element("Key") == "a&amp;b")
            #expect(created.element("ETag") == "&quot;55a54008ad1ba589aa210d2629c1df41&quot;")
            #expect(created.element("Location")?.hasSuffix("/local/a%26b") == true)
            let there = "https://example.com/done?x=1"
            let moved = try await reply("success_action_redirect", there)
            #expect(moved.status == 303)
            #expect(
                moved.headers["location"]
                    == there + "&bucket=local&key=a%26b&etag=%2255a54008ad1ba589aa210d2629c1df41%22"
            )
            #expect(try await reply("success_action_redirect", "javascript:x").status == 204)
        }
    }

    @Test("is refused in S3's words when policy and fields do not agree")
    func refusals() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let policy = PostPolicy(.prefix(ObjectKey("in/")), size: 0...9, lifetime: 60)
            let form = try Self.signer(store).form(for: policy, at: store.clock.now).reveal()
            func code(_ fields: [FormField], to target: String = "/local") async throws -> String? {
                let reply = try await post(store, Self.body(fields, [1]), to: target)
                #expect(reply.status >= 400)
                return reply.code
            }
            let elsewhere = form.map { $0.name == "key" ? FormField("key", "out/x") : $0 }
            #expect(try await code(elsewhere) == "AccessDenied")
            #expect(try await code(form + [FormField("acl", "private")]) == "AccessDenied")
            let other = form.map { $0.name == "policy" ? FormField("policy", "e30=") : $0 }
            #expect(try await code(other) == "SignatureDoesNotMatch")
            #expect(try await code([]) == "AccessDenied")
            #expect(try await code(form, to: "/other") == "AccessDenied")
            let foreign = try Self.signer(store, bucket: "other").form(
                for: policy,
                at: store.clock.now
            )
            #expect(try await code(foreign.reveal(), to: "/other") == "NoSuchBucket")
            let filler = FormField("x-ignore-a", [UInt8](repeating: 1, count: 20 << 10))
            #expect(try await code([filler] + form) == "MaxPostPreDataLengthExceededError")
            for (name, code) in [
                ("x-amz-tagging", "NotImplemented"), ("acl", "NotImplemented"),
                ("x-amz-checksum-sha256", "InvalidRequest"), ("content-md5", "InvalidDigest"),
            ] {
                let policy = PostPolicy(
                    .key(ObjectKey("a")),
                    fields: [Header(name, "public-read")],
                    lifetime: 60
                )
                #expect(try await upload(store, policy, [1]).code == code)
            }
            let long = String(repeating: "n", count: 1_025)
            #expect(try await upload(store, policy, [1], name: long).code == "KeyTooLongError")
            let nameless = PostPolicy(.prefix(ObjectKey("")), lifetime: 60)
            #expect(try await upload(store, nameless, [1], name: "").code == "InvalidArgument")
            #expect(try await post(store, Self.body(form, [1])).status == 204)
            store.clock.advance(.seconds(60))
            let expired = try await post(store, Self.body(form, [1]))
            #expect(expired.code == "AccessDenied")
            #expect(
                expired.element("Message") == "Invalid according to Policy: Policy expired."
            )
        }
    }

    @Test("must be one, with a file in it and an end to it")
    func malformed() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let policy = PostPolicy(.key(ObjectKey("a")), lifetime: 60)
            let form = try Self.signer(store).form(for: policy, at: store.clock.now).reveal()
            let good = Self.body(form, [1, 2, 3])
            let noFile = Array("--\(Self.boundary)--\r\n".utf8)
            #expect(try await post(store, noFile).code == "InvalidArgument")
            #expect(try await post(store, []).code == "MalformedPOSTRequest")
            let cut = Array(good.dropLast(8))
            #expect(try await post(store, cut).code == "MalformedPOSTRequest")
            let type = "multipart/form-data"
            #expect(try await post(store, good, type: type).code == "MalformedPOSTRequest")
            #expect(try await post(store, good, type: "text/plain").code == "AccessDenied")
            #expect(try await post(store, good, to: "/local/a").code == "AccessDenied")
            #expect(try await store.ask(.get, ObjectKey("a")).status == 404)
            #expect(try await post(store, good, to: "/local/").status == 204)
            let field = "--\(Self.boundary)\r\nContent-Disposition: form-data; name=x\r\n\r\ny\r\n"
            #expect(try await post(store, Self.body(form, [4], after: field)).status == 204)
            #expect(try await store.ask(.get, ObjectKey("a")).body == [4])
            let much = String(repeating: "y", count: 30_000)
            let long = Self.body(form, [5], after: field + much)
            #expect(try await post(store, long).code == "MalformedPOSTRequest")
            #expect(try await store.ask(.get, ObjectKey("a")).body == [4])
        }
    }

    @Test("that ends before it should leaves nothing behind")
    func cutOff() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let policy = PostPolicy(.key(ObjectKey("a")), lifetime: 60)
            let form = try Self.signer(store).form(for: policy, at: store.clock.now).reveal()
            let body = Self.body(form, [UInt8](repeating: 1, count: 500_000))
            let head = RunningStore.head(
                "POST",
                "/local",
                [
                    Header("Host", "127.0.0.1"), Header("Content-Length", "\(body.count)"),
                    Header("Content-Type", "multipart/form-data; boundary=\(Self.boundary)"),
                ]
            )
            try await store.talk { connection in
                try connection.write(head + body.dropLast(100_000))
                connection.finishWriting()
                while !connection.isEnded() {}
            }
            #expect(try await store.ask(.get, ObjectKey("a")).status == 404)
        }
    }

    @Test("of many megabytes goes by in constant memory, and is invited when it asks")
    func large() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let policy = PostPolicy(.key(ObjectKey("a")), lifetime: 60)
            let form = try Self.signer(store).form(for: policy, at: store.clock.now).reveal()
            let file = [UInt8](repeating: 13, count: 20_000_000)
            let body = Self.body(form, file)
            let head = RunningStore.head(
                "POST",
                "/local",
                [
                    Header("Host", "127.0.0.1"), Header("Content-Length", "\(body.count)"),
                    Header("Content-Type", "multipart/form-data; boundary=\(Self.boundary)"),
                    Header("Expect", "100-continue"),
                ]
            )
            let reply = try await store.talk { connection in
                try connection.write(head)
                #expect(try connection.head().status == 100)
                try connection.write(body)
                return try connection.reply(to: "POST")
            }
            #expect(reply.status == 204)
            let size = try await store.ask(.head, ObjectKey("a")).headers["content-length"]
            #expect(size == "20000000")
        }
    }
}
