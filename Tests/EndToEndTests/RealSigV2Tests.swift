// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Ceph's gateway and OpenStack Swift judge; LocalStack looks at version 4 only.
@Suite("SigV2 on real servers that check it")
struct RealSigV2Tests {
    private static let stores = RealStore.all.filter { $0.name != "LOCALSTACK" }
    private static let bucket = "version-two"

    @Test(
        "PUT, HEAD, GET and DELETE work, whatever the key",
        arguments: stores,
        [
            "plain.txt", "a b/c d", "a+b&c=d?e#f", "é/日本/\u{1f600}", "e\u{301}", "a//b/",
            "50%25 %zz", "~'()*!$,;:@", #"q"<>\^`{|}"#,
        ]
    )
    func keys(store: RealStore, key: String) throws {
        try store.createBucket(Self.bucket)
        func url(_ method: String, query: [String: String] = [:]) throws -> String {
            try store.url(method, bucket: Self.bucket, key: key, by: "sigv2", query: query)
        }
        let body = "content of \(key)"
        let put = try Program.curl(
            try url("PUT"),
            ["-X", "PUT", "--data-binary", body, "-H", "Content-Type:"]
        )
        #expect(put.status == 200, "\(String(decoding: put.body, as: UTF8.self))")
        let get = try Program.curl(try url("GET"))
        #expect(get.status == 200 && get.body == Data(body.utf8))
        #expect(try Program.curl(try url("HEAD"), ["-I"]).status == 200)
        // What is stored is stored under that key, and no other way of writing it.
        let other = try Program.curl(try store.url("GET", bucket: Self.bucket, key: key))
        #expect(other.status == 200 && other.body == Data(body.utf8))
        let named = try url("GET", query: ["response-content-disposition": "attachment; x=\"y z\""])
        let headers = try Program.run(
            "/usr/bin/curl",
            ["-sS", "--path-as-is", "-D", "-", "-o", "/dev/null", named]
        )
        #expect(headers.output.contains("attachment; x=\"y z\""))
        #expect(try Program.curl(try url("DELETE"), ["-X", "DELETE"]).status == 204)
        #expect(try Program.curl(try url("GET")).status == 404)
    }

    @Test("signed headers must come as they were signed", arguments: stores)
    func headers(store: RealStore) throws {
        try store.createBucket(Self.bucket)
        let url = try store.url(
            "PUT",
            bucket: Self.bucket,
            key: "typed",
            by: "sigv2",
            headers: ["Content-Type": "text/x-a", "x-amz-meta-who": "me and you"]
        )
        func put(_ type: String, _ who: String) throws -> Int {
            let headers = ["-H", "Content-Type: \(type)", "-H", "x-amz-meta-who: \(who)"]
            return try Program.curl(url, ["-X", "PUT", "--data-binary", "x"] + headers).status
        }
        #expect(try put("text/x-a", "me and you") == 200)
        #expect(try put("text/html", "me and you") == 403)
        #expect(try put("text/x-a", "you") == 403)
    }

    @Test("a URL that has expired or was changed is refused", arguments: stores)
    func refusals(store: RealStore) throws {
        try store.createBucket(Self.bucket)
        func url(_ method: String, _ key: String, at date: String? = nil) throws -> String {
            try store.url(method, bucket: Self.bucket, key: key, at: date, by: "sigv2")
        }
        for key in ["j", "k"] {
            let put = ["-X", "PUT", "--data-binary", "x", "-H", "Content-Type:"]
            #expect(try Program.curl(try url("PUT", key), put).status == 200)
        }
        let good = try url("GET", "k")
        #expect(try Program.curl(good).status == 200)
        #expect(try Program.curl(try url("GET", "k", at: "2020-01-01T00:00:00Z")).status == 403)
        let mark = try #require(good.firstRange(of: "Signature="))
        let first = good[mark.upperBound]
        let changed = good.replacingCharacters(
            in: mark.upperBound..<good.index(after: mark.upperBound),
            with: first == "a" ? "b" : "a"
        )
        let end = try #require(good.firstRange(of: "Expires="))
        let later = good.replacingCharacters(in: end.upperBound..<end.upperBound, with: "9")
        for bad in [
            changed, later, good.replacing("/k?", with: "/j?"),
            good + "&response-content-type=text/html",
        ] {
            #expect(try Program.curl(bad).status == 403, "\(bad.replacing(good, with: "…"))")
        }
        #expect(try Program.curl(good, ["-X", "DELETE"]).status == 403)
    }
}
