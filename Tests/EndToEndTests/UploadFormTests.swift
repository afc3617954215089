// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Glibc
import Jobs
import Sign
import Testing

@testable import presignd

@Suite("An upload form, as it is given away")
struct UploadFormTests {
    private static let hostile = #"a"><script>alert(1)</script>'$(id)`;&amp; %22 é\"#

    private func form(_ policy: PostPolicy) throws -> SignedForm {
        let signer = SigV4Signer(
            endpoint: try Endpoint("https://s3.example.com"),
            style: .virtual,
            bucket: "my-bucket",
            region: "eu-west-1",
            key: AccessKey(id: "AK<>\"'&", secret: Secret("SK"))
        )
        return try signer.form(for: policy, at: Timestamp(seconds: 1_763_920_800))
    }

    private func policy(_ key: String, fields: [Jobs.Header] = []) -> PostPolicy {
        PostPolicy(.key(ObjectKey(key)), size: 0...10, fields: fields, lifetime: 60)
    }

    /// What a browser makes of a page: the attributes of its elements in their order.
    private func parse(_ page: [UInt8]) throws -> [[String: String]] {
        let script = """
            import html.parser, json, sys
            found = []
            class Parser(html.parser.HTMLParser):
                def handle_starttag(self, tag, attrs):
                    found.append(dict([("", tag)] + [(k, v or "") for k, v in attrs]))
            Parser().feed(open(sys.argv[1], encoding="utf-8", newline="").read())
            print(json.dumps(found))
            """
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(page).write(to: file)
        let result = try Program.run("/usr/bin/env", ["python3", "-c", script, file.path])
        return try #require(
            try JSONSerialization.jsonObject(with: result.data) as? [[String: String]],
            "\(result.errors)"
        )
    }

    @Test("as a page holds every field as it was signed, whatever is in it, and nothing else")
    func page() throws {
        let signed = try form(policy(Self.hostile, fields: [Header("x-amz-meta-a", "<b>'\"&")]))
        let title = "</title><script>alert(1)</script>"
        let elements = try parse(UploadForm.html(signed, title: title))
        #expect(!elements.contains { ["script", "img", "link", "a"].contains($0[""]) })
        let form = elements.filter { $0[""] == "form" }
        #expect(form.count == 1 && form[0]["action"] == "https://my-bucket.s3.example.com/")
        #expect(form[0]["enctype"] == "multipart/form-data" && form[0]["method"] == "post")
        let inputs = elements.filter { $0[""] == "input" }
        let hidden = inputs.filter { $0["type"] == "hidden" }
        #expect(hidden.map { $0["name"] } == signed.reveal().map(\.name))
        for (input, field) in zip(hidden, signed.reveal()) {
            #expect(Array((input["value"] ?? "").utf8) == field.value)
        }
        #expect(inputs.last?["type"] == "file" && inputs.last?["name"] == "file")
    }

    @Test("as a page may go to the store only, and on to where the store sends the browser")
    func contentPolicy() throws {
        func contentPolicy(_ fields: [Jobs.Header]) throws -> (String, page: String) {
            let page = UploadForm.html(try form(policy("k", fields: fields)), title: "t")
            let meta = try parse(page).first { $0["http-equiv"] == "Content-Security-Policy" }
            return (try #require(meta?["content"]), String(decoding: page, as: UTF8.self))
        }
        let (text, page) = try contentPolicy([])
        let style = try #require(page.split(separator: "<style>").last?.split(separator: "<").first)
        let hash = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
        #expect(
            text == "default-src 'none'; style-src 'sha256-\(hash)'; "
                + "form-action https://my-bucket.s3.example.com"
        )
        let next = [Jobs.Header("success_action_redirect", "https://example.org/done?a;b")]
        #expect(try contentPolicy(next).0.hasSuffix(".com https://example.org"))
        let bad = [Jobs.Header("success_action_redirect", "https://a; script-src *")]
        #expect(try contentPolicy(bad).0 == text)
    }

    @Test("as JSON has its fields in order, and when it ends")
    func json() throws {
        let signed = try form(policy(Self.hostile))
        let answer = PostAnswer(form: signed, issuedAt: Timestamp(seconds: 1_763_920_800))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(answer.json.utf8)) as? [String: Any]
        )
        #expect(object["url"] as? String == signed.url)
        #expect(object["expires_at"] as? String == "2025-11-23T18:01:00Z")
        #expect(object["issued_at"] as? String == "2025-11-23T18:00:00Z")
        #expect(object["scheme"] as? String == "sigv4" && object["method"] as? String == "POST")
        let fields = try #require(object["fields"] as? [String: String])
        for field in signed.reveal() {
            #expect(Array((fields[field.name] ?? "").utf8) == field.value)
        }
        let places = signed.reveal().map { answer.json.firstRange(of: "\"\($0.name)\":") }
        #expect(places.allSatisfy { $0 != nil })
        #expect(!answer.json.contains("\n"))
    }

    @Test("as a curl line uploads through any shell, whatever the key is")
    func curl() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        let file = sandbox.folder.appending(path: "state/stores/local.credentials")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        func value(_ name: String) throws -> String {
            let line = try #require(lines.first { $0.hasPrefix(name) })
            return String(line.dropFirst("\(name) = ".count))
        }
        let signer = SigV4Signer(
            endpoint: try Endpoint("http://127.0.0.1:\(sandbox.port)"),
            style: .path,
            bucket: "local",
            region: "us-east-1",
            key: AccessKey(
                id: try value("aws_access_key_id"),
                secret: Secret(try value("aws_secret_access_key"))
            )
        )
        let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        try sandbox.write("upload.bin", "content")
        for key in [Self.hostile, "@/etc/passwd", "<upload.bin", "a;type=b\nc", "it's"] {
            let policy = policy(key, fields: [Header("success_action_status", "201")])
            let form = try signer.form(for: policy, at: now)
            let line = PostAnswer(form: form, issuedAt: now).curl
                .replacing("@FILE", with: "@upload.bin")
            let sent = try Program.run("/bin/sh", ["-c", line], folder: sandbox.folder)
            #expect(sent.status == 0 && sent.output.contains("<PostResponse>"), "\(sent.errors)")
            let get = ObjectRequest(.get, ObjectKey(key), lifetime: 60)
            let url = try signer.presign(get, at: now).url.reveal()
            let answer = try Program.curl(String(decoding: url, as: UTF8.self))
            #expect(answer.body == Data("content".utf8), "\(key)")
        }
        daemon.signal(SIGTERM)
        daemon.wait()
    }
}
