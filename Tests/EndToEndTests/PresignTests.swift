// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("A URL that a person asks for")
struct PresignTests {
    private struct Answer: Decodable {
        var url: String
        var method: String
        var headers: [String: String]
        var issued_at: String
        var expires_at: String
        var scheme: String

        /// The curl arguments that send what has to be sent.
        var arguments: [String] {
            headers.filter { $0.key != "content-length" }
                .flatMap { ["-H", "\($0.key): \($0.value)"] }
        }
    }

    private func answer(_ sandbox: Sandbox, _ arguments: String...) throws -> Answer {
        let result = try Program.run(
            Program.presignd,
            ["presign", "--json"] + arguments,
            environment: sandbox.environment,
            folder: sandbox.folder
        )
        #expect(result.status == 0, "\(result.errors)")
        return try JSONDecoder().decode(Answer.self, from: result.data)
    }

    @Test("lets a client upload just what it was made for, once")
    func upload() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        try sandbox.write("five", "12345")
        try sandbox.write("six", "123456")
        let five = sandbox.folder.appending(path: "five").path
        let six = sandbox.folder.appending(path: "six").path
        let put = try answer(
            sandbox,
            "local:reports/a b.txt",
            "--method",
            "put",
            "--no-overwrite",
            "--content-length",
            "5",
            "--content-type",
            "text/plain",
            "--filename",
            "é.txt",
            "--attachment"
        )
        #expect(put.method == "PUT" && put.scheme == "sigv4")
        #expect(put.headers["content-length"] == "5" && put.headers["if-none-match"] == "*")
        #expect(try Program.curl(put.url, ["-T", six] + put.arguments).status == 403)
        #expect(try Program.curl(put.url, ["-T", five]).status == 403)
        #expect(try Program.curl(put.url, ["-T", five] + put.arguments).status == 200)
        #expect(try Program.curl(put.url, ["-T", five] + put.arguments).status == 412)

        let get = try answer(
            sandbox,
            "local:reports/a b.txt",
            "--response-content-type",
            "text/csv"
        )
        let headers = try Program.run(
            "/usr/bin/curl",
            ["-sS", "-D", "-", "-o", "/dev/null", get.url]
        ).output.lowercased()
        #expect(headers.contains("content-type: text/csv"))
        #expect(headers.contains("attachment; filename=\"_.txt\"; filename*=utf-8''%c3%a9.txt"))
        let seen = try sandbox.presignd("inspect", get.url, "--store", "local")
        #expect(seen.status == 0 && seen.output.contains("right, for GET"), "\(seen.output)")
        let named = try answer(sandbox, "local:reports/a b.txt", "--filename", "other.txt")
        #expect(named.url.contains("response-content-disposition=inline%3B"))
        #expect(try Program.curl(named.url).body == Data("12345".utf8))

        let delete = try answer(sandbox, "local:reports/a b.txt", "--method", "DELETE")
        #expect(try Program.curl(delete.url).status == 403)
        #expect(try Program.curl(delete.url, ["-X", "DELETE"]).status == 204)
        #expect(try Program.curl(get.url).status == 404)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("can be a form, which takes what its bounds allow and nothing else")
    func form() throws {
        struct Form: Decodable {
            var url: String
            var fields: [String: String]
        }
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        try sandbox.write("four", "1234")
        try sandbox.write("five", "12345")
        let result = try sandbox.presignd(
            "presign",
            "local:",
            "--method",
            "POST",
            "--key-prefix",
            "in/",
            "--max-size",
            "4",
            "--content-type",
            "text/plain"
        )
        #expect(result.status == 0, "\(result.errors)")
        let form = try JSONDecoder().decode(Form.self, from: result.data)
        func post(_ name: String, key: String? = nil) throws -> Int {
            let fields = form.fields.merging(key.map { ["key": $0] } ?? [:]) { $1 }
            let file = sandbox.folder.appending(path: name).path
            let arguments = fields.flatMap { ["--form-string", "\($0.key)=\($0.value)"] }
            return try Program.curl(form.url, arguments + ["-F", "file=@\(file)"]).status
        }
        #expect(try post("five") == 400)
        #expect(try post("four", key: "out/four") == 403)
        #expect(try post("four") == 201)
        let get = try answer(sandbox, "local:in/four")
        #expect(try Program.curl(get.url).body == Data("1234".utf8))

        let page = try sandbox.presignd(
            "presign",
            "local:a",
            "--method",
            "POST",
            "--html"
        )
        #expect(page.output.contains("<form action=\"http://127.0.0.1:\(sandbox.port)/local\""))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("can be read back, its signature masked, and told from a forged one")
    func inspected() throws {
        let sandbox = try Sandbox(environment: [
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "topsecret",
        ])
        try sandbox.write("secret", "topsecret\n")
        let secret = sandbox.folder.appending(path: "secret").path
        unsafe chmod(secret, 0o600)
        let printed = try sandbox.presignd(
            "presign",
            "s3://my-bucket/image.png",
            "--expires-at",
            "2099-01-01T00:00:00Z"
        )
        #expect(printed.status == 64 && printed.errors.contains("604800"), "\(printed.errors)")
        let url = try answer(sandbox, "s3://my-bucket/image.png", "--expires-in", "5m").url
        let seen = try sandbox.presignd("inspect", url, "--secret-key-file", secret)
        #expect(seen.status == 0, "\(seen.errors)")
        for fact in ["sigv4", "my-bucket", "image.png", "AKIAEXAMPLE", "right, for GET"] {
            #expect(seen.output.contains(fact), "\(seen.output)")
        }
        let signature = try #require(url.split(separator: "X-Amz-Signature=").last)
        #expect(!seen.output.contains(signature))
        let forged = url.replacing("image.png", with: "image.jpg")
        let other = try sandbox.presignd("inspect", forged, "--secret-key-file", secret)
        #expect(other.status == 1 && other.output.contains("wrong"), "\(other.output)")
    }

    @Test("comes out of a batch line by line, whatever stands between")
    func batch() throws {
        let good =
            #"{"scheme":"sigv4","endpoint":"http://h","bucket":"b","key":"k","region":"r","#
            + #""access_key":"a","secret_key":"s","expires_in":1}"#
        let script = """
            { echo '\(good)'; echo; head -c 3000000 /dev/zero | tr '\\0' x; echo; printf '%s' '\(good)'; } \
            | "$0" presign --batch
            """
        let result = try Program.run("/bin/sh", ["-c", script, Program.presignd])
        let lines = result.output.split(separator: "\n")
        #expect(lines.map { $0.hasPrefix(#"{"url":"http://h/b/k?"#) } == [true, false, true])
        #expect(lines.count > 1 && lines[1].contains("longer than 1048576 bytes"))
        #expect(result.status == 1)
    }

    @Test(
        "is refused with the reason when it cannot be had, and the status says so",
        arguments: [
            (["s3://b/k", "--expires-in", "8d"], "604800"),
            (["s3://b/k", "--expires-in", "0"], "604800"),
            (["s3://b/k", "--expires-at", "2020-01-01T00:00:00Z"], "past"),
            (["s3://b/k", "--expires-in", "soon"], "24h"),
            (["s3://b/k", "--content-type", "a/b"], "--response-content-type"),
            (["s3://b/k", "--signature", "v2", "--method", "PUT", "--no-overwrite"], "sigv2"),
            (["s3://b/k", "--ip", "192.0.2.1"], "ip"),
            (["s3://b/k", "--account", "a"], "--account"),
            (["s3://b/k", "--header", "nonsense"], "name: value"),
            (["s3:///k"], "bucket"), (["nonsense"], "s3://bucket/key"),
            (["other:k"], "there is no store"),
            (["s3://b", "--method", "POST"], "--key-prefix"),
            (["s3://b/k", "--method", "POST", "--max-size", "big"], "8MiB"),
            (["s3://b/k", "--method", "POST", "--max-size", "1", "--min-size", "2"], "--min-size"),
            (["s3://b/k", "--method", "POST", "--signature", "v2"], "sigv4"),
            (["s3://b/k", "--method", "POST", "--no-overwrite"], "--no-overwrite"),
            (["s3://b/k", "--method", "PUT", "--max-size", "1"], "--content-length"),
            (["gs://b/k"], "GOOGLE_APPLICATION_CREDENTIALS"), (["az://c/k"], "--account"),
            (["az://c/k", "--account", "account1"], "AZURE_STORAGE_KEY"),
            (["az://c/k", "--account", "evil.com/x"], "small letters"),
            (["s3://b/k", "--method", "POST", "--max-size", "6GiB"], "5GiB"),
            (["s3://b/k", "--version-id", ""], "--version-id"),
            (["https://d1.cloudfront.net/k"], "--key-pair-id"),
        ]
    )
    func refused(arguments: [String], reason: String) throws {
        let sandbox = try Sandbox(environment: [
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "topsecret",
        ])
        let result = try Program.run(
            Program.presignd,
            ["presign"] + arguments,
            environment: sandbox.environment,
            folder: sandbox.folder
        )
        #expect(result.status == 64 && result.output.isEmpty, "\(result.output)\(result.errors)")
        #expect(result.errors.contains(reason), "\(result.errors)")
    }
}
