// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("On real S3 servers that check signatures")
struct RealStoreTests {
    @Test("the stores are there, or the run says that they are not wanted")
    func present() {
        #expect(
            !RealStore.areMissing || !RealStore.areRequired,
            "start them with Tests/run.sh, or set PRESIGND_REQUIRE_STORES=0"
        )
        if RealStore.areMissing { print("skipped: tests on real S3 servers, as none was started") }
    }

    @Test("a dropped image.png in my-bucket gets a link that opens", arguments: RealStore.all)
    func story(store: RealStore) throws {
        try store.createBucket("my-bucket")
        let sandbox = try Sandbox(store: store.yaml(bucket: "my-bucket"), environment: store.keys)
        let daemon = try sandbox.start()
        let image = Data((0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try sandbox.write("inbox/image.png", image)
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        let answer = try Program.curl(line.url)
        #expect(answer.status == 200 && answer.body == image)
        let headers = try Program.run(
            "/usr/bin/curl",
            ["-sS", "-r", "0-0", "-D", "-", "-o", "/dev/null", line.url]
        )
        #expect(headers.output.lowercased().contains("content-type: image/png"))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test(
        "keeps what a template stores on its objects",
        arguments: RealStore.all.filter { $0.name != "SWIFT" }
    )
    func objectSettings(store: RealStore) throws {
        try store.createBucket("settings")
        let sandbox = try Sandbox(
            store: store.yaml(bucket: "settings"),
            template: """
                key: "{id}"
                object:
                  cache_control: "private, max-age=60"
                  tags: { project: "a b", from: "{path}" }
                  metadata: { source: "{template}/{path}" }
                """,
            environment: store.keys
        )
        let daemon = try sandbox.start()
        // Its name tells no type.
        try sandbox.write("inbox/é (1)", Data("%PDF-1.7\n".utf8))
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        let path = line.url.prefix { $0 != "?" }
        let key = String(path.split(separator: "/").last ?? "")
        let head = try store.url("HEAD", bucket: "settings", key: key)
        let headers = try Program.run("/usr/bin/curl", ["-sS", "-I", head]).output.lowercased()
        #expect(headers.contains("content-type: application/pdf"), "\(headers)")
        #expect(headers.contains("cache-control: private, max-age=60"))
        #expect(headers.contains("x-amz-meta-source: inbox/%c3%a9 (1)"))
        #expect(headers.contains("x-amz-meta-presignd-id: \(key)"))
        let query = try store.url("GET", bucket: "settings", key: key, query: ["tagging": ""])
        let tags = String(decoding: try Program.curl(query).body, as: UTF8.self)
        #expect(tags.contains("<Key>project</Key><Value>a b</Value>"), "\(tags)")
        #expect(tags.contains("<Key>from</Key><Value>é _1_</Value>"))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    /// LocalStack takes any signature, so only Ceph can prove one.
    @Test(
        "takes files and serves links by signatures of version 2",
        arguments: RealStore.all.filter { $0.name == "RGW" }
    )
    func oldSignature(store: RealStore) throws {
        try store.createBucket("old-bucket")
        let yaml = store.yaml(bucket: "old-bucket", signature: "v2")
        let sandbox = try Sandbox(store: yaml, environment: store.keys)
        let check = try sandbox.presignd("check")
        #expect(check.status == 0, "\(check.errors)")
        let daemon = try sandbox.start()
        for name in HostileNames.all {
            try HostileNames.create(name, in: sandbox.folder.appending(path: "inbox"), "content")
        }
        let lines = try sandbox.manifest.lines(count: HostileNames.all.count)
        #expect(lines.count == HostileNames.all.count, "\(sandbox.log)")
        for line in lines {
            #expect(line.url.contains("?AWSAccessKeyId="))
            #expect(try Program.curl(line.url).status == 200, "\(line.path)")
            let forged = line.url.replacing("&Expires=", with: "&Expires=9")
            #expect(try Program.curl(forged).status == 403)
        }
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("a one-second link says AccessDenied once it is over", arguments: RealStore.all)
    func oneSecond(store: RealStore) throws {
        try store.createBucket("my-bucket")
        let sandbox = try Sandbox(
            store: store.yaml(bucket: "my-bucket"),
            link: "{ expires_in: 1s, prove: off }",
            environment: store.keys
        )
        let daemon = try sandbox.start()
        try sandbox.write("inbox/image.png", "picture")
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        let deadline = ContinuousClock.now + .seconds(30)
        var answer = try Program.curl(line.url)
        while answer.status == 200 && ContinuousClock.now < deadline {
            answer = try Program.curl(line.url)
        }
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.status == 403 && text.contains("AccessDenied"))
        // Ceph says no more than the code.
        if store.name == "LOCALSTACK" { #expect(text.contains("Request has expired")) }
        daemon.signal(SIGTERM)
        daemon.wait()
    }

    @Test("any name, any size up to the single PUT's, empty files too", arguments: RealStore.all)
    func namesAndSizes(store: RealStore) throws {
        try store.createBucket("names")
        let sandbox = try Sandbox(store: store.yaml(bucket: "names"), environment: store.keys)
        let daemon = try sandbox.start()
        let inbox = sandbox.folder.appending(path: "inbox")
        for name in HostileNames.all { try HostileNames.create(name, in: inbox, "content") }
        try sandbox.write("inbox/empty", Data())
        let large = Data((0..<20_000_000).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ $0 >> 11) })
        try sandbox.write("inbox/large.bin", large)
        let lines = try sandbox.manifest.lines(count: HostileNames.all.count + 2)
        #expect(lines.count == HostileNames.all.count + 2, "\(sandbox.log)")
        for line in lines {
            let answer = try Program.curl(line.url)
            #expect(answer.status == 200 && answer.body.count == line.size, "\(line.path)")
            if line.path == "large.bin" { #expect(answer.body == large) }
        }
        daemon.signal(SIGTERM)
        daemon.wait()
    }

    @Test(
        "a missing bucket parks the store, says so, and the file goes on once it is there",
        arguments: RealStore.all
    )
    func missingBucket(store: RealStore) throws {
        let bucket = "missing-\(UUID().uuidString.prefix(8).lowercased())"
        let sandbox = try Sandbox(store: store.yaml(bucket: bucket), environment: store.keys)
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "patience")
        try sandbox.untilLog(contains: "is parked")
        let jobs = try sandbox.presignd("jobs")
        #expect(jobs.output.contains("NoSuchBucket") && jobs.output.contains(bucket))
        #expect(try sandbox.manifest.lines().isEmpty)
        try store.createBucket(bucket)
        #expect(try sandbox.presignd("retry").status == 0)
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        #expect(try Program.curl(line.url).body == Data("patience".utf8))
        daemon.signal(SIGTERM)
        daemon.wait()
    }

    @Test("a wrong secret key parks the store and names the cure", arguments: RealStore.all)
    func wrongKey(store: RealStore) throws {
        try store.createBucket("my-bucket")
        var keys = store.keys
        keys["AWS_SECRET_ACCESS_KEY"] = "wrong"
        let sandbox = try Sandbox(store: store.yaml(bucket: "my-bucket"), environment: keys)
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "patience")
        try sandbox.untilLog(contains: "is parked")
        let jobs = try sandbox.presignd("jobs")
        // Where Ceph has an STS, that has the last word on keys, and says no more than this.
        let isMute = store.name == "RGW"
        #expect(jobs.output.contains(isMute ? "It said AccessDenied" : "SignatureDoesNotMatch"))
        #expect(!isMute || jobs.output.contains("Check the secret key"))
        #expect(!jobs.output.contains("X-Amz-Signature"))
        let check = try sandbox.presignd("check")
        #expect(check.status == (isMute ? 0 : 78))
        #expect(check.errors.contains(isMute ? "note: store media" : "SignatureDoesNotMatch"))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0, "a parked store does not keep it from stopping")
    }
}
