// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs
import Testing

@testable import LocalStore

@Suite("Writing to the embedded store", .timeLimit(.minutes(3)))
struct WritingTests {
    static let body = Array("123456789".utf8)
    /// The check values of the CRC catalogue (reveng.sourceforge.io/crc-catalogue), and what sha1sum
    /// and sha256sum say.
    static let checksums: [(ChecksumAlgorithm, String)] = [
        (.crc32, "y/Q5Jg=="),
        (.crc32c, "4waSgw=="),
        (.sha1, "98O8HYCOBHMq32eZZczDTKeuNEE="),
        (.sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        (.crc64nvme, "rosUhgp5mIg="),
    ]

    @Test("verifies the checksum it is given, and returns it", arguments: checksums)
    func checksum(algorithm: ChecksumAlgorithm, value: String) async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let header = Header(algorithm.header, value)
            let put = try await store.ask(
                .put,
                ObjectKey("k"),
                headers: [header],
                body: Self.body
            )
            #expect(put.status == 200)
            #expect(put.headers[algorithm.header] == value)
            #expect(put.headers["x-amz-checksum-crc64nvme"] == "rosUhgp5mIg=")
            let mode = [Header("x-amz-checksum-mode", "ENABLED")]
            for method in [HTTPMethod.get, .head] {
                let got = try await store.ask(method, ObjectKey("k"), headers: mode)
                #expect(got.headers[algorithm.header] == value)
                #expect(got.headers["x-amz-checksum-type"] == "FULL_OBJECT")
                let plain = try await store.ask(method, ObjectKey("k"))
                #expect(plain.headers[algorithm.header] == nil)
            }
            let wrong = try await store.ask(
                .put,
                ObjectKey("other"),
                headers: [header],
                body: Array("123456780".utf8)
            )
            #expect(wrong.status == 400)
            #expect(wrong.code == "BadDigest")
            #expect(try await store.ask(.head, ObjectKey("other")).status == 404)
        }
    }

    static let refusals: [([Header], Int, String)] = [
        ([Header("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")], 400, "BadDigest"),
        ([Header("content-md5", "short")], 400, "InvalidDigest"),
        (
            [Header("x-amz-content-sha256", String(repeating: "0", count: 64))], 400,
            "XAmzContentSHA256Mismatch"
        ),
        ([Header("x-amz-content-sha256", "nonsense")], 400, "InvalidArgument"),
        (
            [Header("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")], 501,
            "NotImplemented"
        ),
        ([Header("content-encoding", "gzip, aws-chunked")], 501, "NotImplemented"),
        ([Header("content-length", "5368709121")], 400, "EntityTooLarge"),
        ([Header("transfer-encoding", "chunked")], 501, "NotImplemented"),
        ([Header("x-amz-checksum-crc32", "AAAA")], 400, "InvalidRequest"),
        (
            [
                Header("x-amz-checksum-crc32", "y/Q5Jg=="),
                Header("x-amz-checksum-crc32c", "4waSgw=="),
            ],
            400, "InvalidRequest"
        ),
        ([Header("x-amz-sdk-checksum-algorithm", "SHA256")], 400, "InvalidRequest"),
        ([Header("if-match", "\"e\"")], 501, "NotImplemented"),
        ([Header("if-none-match", "\"e\"")], 501, "NotImplemented"),
        ([Header("x-amz-copy-source", "/local/other")], 400, "InvalidRequest"),
        ([Header("x-amz-acl", "public-read")], 501, "NotImplemented"),
        ([Header("x-amz-tagging", "a=b")], 501, "NotImplemented"),
        (
            [Header("x-amz-meta-a", String(repeating: "x", count: 2_048))], 400,
            "MetadataTooLarge"
        ),
    ]

    @Test("refuses what it cannot do or what contradicts itself", arguments: refusals)
    func refusal(headers: [Header], status: Int, code: String) async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            // `chunked` frames the body itself: this is one chunk and the end.
            let isChunked = headers.contains { $0.name == "transfer-encoding" }
            let body = isChunked ? Array("1\r\nx\r\n0\r\n\r\n".utf8) : Self.body
            let framing = headers.filter {
                ["content-length", "transfer-encoding"].contains($0.name)
            }
            let reply = try await store.ask(
                .put,
                ObjectKey("k"),
                headers: headers.filter { !framing.contains($0) },
                unsigned: framing,
                body: body
            )
            #expect(reply.status == status)
            #expect(reply.code == code)
            #expect(try await store.ask(.head, ObjectKey("k")).status == 404)
        }
    }

    @Test("takes a right Content-MD5 and x-amz-content-sha256")
    func digests() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let put = try await store.ask(
                .put,
                ObjectKey("k"),
                headers: [
                    Header("content-md5", Array(Insecure.MD5.hash(data: Self.body)).base64),
                    Header("x-amz-content-sha256", Array(SHA256.hash(data: Self.body)).hex),
                ],
                body: Self.body
            )
            #expect(put.status == 200)
        }
    }

    @Test("wants a Content-Length")
    func lengthRequired() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let request = try store.sign(ObjectRequest(.put, ObjectKey("k"), lifetime: 60))
            let target = RunningStore.target(of: request.url.reveal())
            let reply = try await store.exchange("PUT", target, [])
            #expect(reply.status == 411)
            #expect(reply.code == "MissingContentLength")
        }
    }

    @Test("does not take a part of an upload, a tag or an ACL for an object")
    func subresources() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            for query in [
                [QueryItem("partNumber", "1")], [QueryItem("uploads")], [QueryItem("tagging")],
                [QueryItem("acl")], [QueryItem("x-amz-copy-source", "/local/other")],
            ] {
                let reply = try await store.ask(.put, ObjectKey("k"), query: query, body: [1])
                #expect(reply.status == 501)
                #expect(reply.code == "NotImplemented")
            }
            #expect(try await store.ask(.head, ObjectKey("k")).status == 404)
        }
    }

    @Test("makes no object of a body that is cut short", arguments: [10, 1_000_000])
    func cutShort(sent: Int) async throws {
        let folder = try TemporaryFolder()
        try await RunningStore.serve(in: folder) { store in
            let request = try store.sign(ObjectRequest(.put, ObjectKey("k"), lifetime: 60))
            let target = RunningStore.target(of: request.url.reveal())
            try await store.talk { connection in
                let headers = [
                    Header("Host", "127.0.0.1:\(store.port)"),
                    Header("Content-Length", "2000000"),
                ]
                try connection.write(RunningStore.head("PUT", target, headers))
                try connection.write([UInt8](repeating: 1, count: sent))
                connection.finishWriting()
                while !connection.isEnded() {}
            }
            #expect(try await store.ask(.head, ObjectKey("k")).status == 404)
        }
        let incoming = try OpenFile("\(folder.path)/objects/incoming", flags: 0)
        #expect(try PrivateFolder.names(in: incoming, path: "").isEmpty)
    }

    @Test("says 100 Continue only to a request it will take")
    func expectContinue() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let request = try store.sign(
                ObjectRequest(
                    .put,
                    ObjectKey("k"),
                    headers: [Header("if-none-match", "*")],
                    lifetime: 60
                )
            )
            let target = RunningStore.target(of: request.url.reveal())
            let size = ObjectServer.chunk * 2
            let head = RunningStore.head(
                "PUT",
                target,
                [
                    Header("Host", "127.0.0.1:\(store.port)"), Header("If-None-Match", "*"),
                    Header("Content-Length", "\(size)"), Header("Expect", "100-continue"),
                ]
            )
            try await store.talk { connection in
                try connection.write(head)
                #expect(try connection.head().status == 100)
                try connection.write([UInt8](repeating: 7, count: size))
                #expect(try connection.reply(to: "PUT").status == 200)
            }
            try await store.talk { connection in
                try connection.write(head)
                let reply = try connection.reply(to: "PUT")
                #expect(reply.status == 412)
                #expect(reply.headers["connection"] == "close")
            }
        }
    }

    @Test("keeps the connection after refusing a small body, and after each good request")
    func keepAlive() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let good = try store.sign(ObjectRequest(.put, ObjectKey("k"), lifetime: 60))
            let target = RunningStore.target(of: good.url.reveal())
            try await store.talk { connection in
                let headers = [
                    Header("Host", "127.0.0.1:\(store.port)"), Header("Content-Length", "3"),
                ]
                for path in [target, "/local/unsigned", target] {
                    try connection.write(
                        RunningStore.head("PUT", path, headers) + Array("abc".utf8)
                    )
                    let reply = try connection.reply(to: "PUT")
                    #expect(reply.status == (path == target ? 200 : 403))
                }
            }
        }
    }
}
