// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Testing

@testable import LocalStore

/// URLs signed by AWS's own tools, sent by curl: what a user of the store may do by hand.
///
/// They need a Python that has boto3 and awscli: `PRESIGND_TEST_PYTHON` names one, else it is
/// `python3`. Where there is none, `PRESIGND_TESTS_WITHOUT_BOTO3=1` leaves them out.
@Suite(
    "URLs signed by AWS's tools",
    .enabled(if: Program.environment("PRESIGND_TESTS_WITHOUT_BOTO3") != "1"),
    .timeLimit(.minutes(3))
)
struct AmazonToolTests {
    private static let python = Program.environment("PRESIGND_TEST_PYTHON") ?? "python3"

    private static let script = """
        import boto3, json, sys
        from botocore.config import Config
        port, version, key = sys.argv[1:]
        s3 = boto3.client("s3", endpoint_url="http://127.0.0.1:" + port, region_name="eu-north-7",
            config=Config(signature_version=version, s3={"addressing_style": "path"}))
        def sign(call, **more):
            return s3.generate_presigned_url(call, Params=dict(Bucket="local", Key=key, **more),
                ExpiresIn=300)
        print(sign("put_object", ContentType="text/plain", ContentDisposition="attachment",
            Metadata={"who": "boto"}, IfNoneMatch="*"))
        print(sign("get_object"))
        print(sign("get_object", ResponseContentDisposition='attachment; filename="a b.txt"',
            ResponseContentType="text/x-other"))
        print(sign("head_object"))
        print(sign("delete_object"))
        """

    private static func requireTools() async throws {
        let probe = try await Program.run([python, "-c", "import boto3, awscli"])
        guard probe.code == 0 else {
            throw TestFailure(
                "\(python) has no boto3 and awscli. Name one that has in PRESIGND_TEST_PYTHON "
                    + "(pip install boto3 awscli), or set PRESIGND_TESTS_WITHOUT_BOTO3=1."
            )
        }
    }

    private static func credentials(_ folder: TemporaryFolder) -> [String] {
        [
            "env", "-u", "AWS_ACCESS_KEY_ID", "-u", "AWS_SECRET_ACCESS_KEY", "-u",
            "AWS_SESSION_TOKEN", "-u", "AWS_PROFILE",
            "AWS_SHARED_CREDENTIALS_FILE=\(folder.path)/state/stores/local.credentials",
            "AWS_CONFIG_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true",
        ]
    }

    private static func curl(_ arguments: String...) async throws -> String {
        let result = try await Program.run(
            ["curl", "-sS", "--max-time", "60", "--path-as-is", "--noproxy", "*"] + arguments
        )
        guard result.code == 0 else { throw TestFailure("curl: \(result.errors)") }
        return result.output
    }

    @Test(
        "by boto3 are understood, whatever the key",
        arguments: ["s3v4", "s3"],
        [
            "plain.txt", "a/b c+d&e=f.txt", "\u{e9}\u{1f600}~'()*!", "a//b", "../up", "50%25.txt",
        ]
    )
    func boto(version: String, key: String) async throws {
        try await Self.requireTools()
        let folder = try TemporaryFolder()
        try await RunningStore.serve(in: folder) { store in
            let signed = try await Program.run(
                Self.credentials(folder)
                    + [Self.python, "-c", Self.script, "\(store.port)", version, key]
            )
            let urls = signed.output.split(separator: "\n").map(String.init)
            guard urls.count == 5 else { throw TestFailure("boto3: \(signed.errors)") }
            let put = [
                "-T", "\(folder.path)/state/stores/local.credentials", "-H",
                "Content-Type: text/plain", "-H", "Content-Disposition: attachment", "-H",
                "x-amz-meta-who: boto", "-H", "If-None-Match: *", "-o", "/dev/null", "-w",
                "%{http_code}", urls[0],
            ]
            for expected in ["200", "412"] {
                let sent = try await Program.run(["curl", "-sS", "--path-as-is"] + put)
                #expect(sent.output == expected, "\(sent.errors)")
            }
            let body = try await Self.curl(urls[1])
            #expect(body.contains(store.key.id))
            let head = try await Self.curl("-I", urls[3]).lowercased()
            #expect(head.hasPrefix("http/1.1 200"))
            #expect(head.contains("\r\nx-amz-meta-who: boto\r\n"))
            #expect(head.contains("\r\ncontent-type: text/plain\r\n"))
            let other = try await Self.curl("-D", "-", "-o", "/dev/null", urls[2]).lowercased()
            #expect(other.contains("\r\ncontent-disposition: attachment; filename=\"a b.txt\"\r\n"))
            #expect(other.contains("\r\ncontent-type: text/x-other\r\n"))
            let status = ["-o", "/dev/null", "-w", "%{http_code}"]
            let asHead = try await Self.curl(
                "-I",
                status[0],
                status[1],
                status[2],
                status[3],
                urls[1]
            )
            #expect(asHead == "403")
            let deleted = try await Self.curl("-X", "DELETE", "-w", "%{http_code}", urls[4])
            #expect(deleted == "204")
            #expect(try await Self.curl(urls[1]).contains("<Code>NoSuchKey</Code>"))
        }
    }

    @Test(
        "by aws s3 presign open in curl, and a tool may resume and split the download",
        arguments: [("local", "X-Amz-Signature="), ("us-east-1", "AWSAccessKeyId=")]
    )
    func commandLine(region: String, mark: String) async throws {
        try await Self.requireTools()
        let folder = try TemporaryFolder()
        try await RunningStore.serve(in: folder) { store in
            let body = (0..<400_000).map { UInt8(ascii: "a") + UInt8($0 % 26) }
            try await store.ask(.put, ObjectKey("a b.pdf"), body: body)
            let signed = try await Program.run(
                Self.credentials(folder) + [
                    Self.python, "-m", "awscli", "--endpoint-url", "http://127.0.0.1:\(store.port)",
                    "--region", region, "s3", "presign", "s3://local/a b.pdf",
                ]
            )
            let url = String(signed.output.prefix { $0 != "\n" })
            guard url.hasPrefix("http://") else { throw TestFailure("aws: \(signed.errors)") }
            #expect(url.contains(mark), "version 1 of the tool signs so for this region")
            let text = String(decoding: body, as: UTF8.self)
            #expect(try await Self.curl(url) == text)
            let front = try await Self.curl("-r", "0-199999", url)
            let back = try await Self.curl("-C", "200000", url)
            #expect(front + back == text)
        }
    }

    private static let formScript = """
        import boto3, json, sys
        from botocore.config import Config
        port, version = sys.argv[1:]
        s3 = boto3.client("s3", endpoint_url="http://127.0.0.1:" + port, region_name="eu-north-7",
            config=Config(signature_version=version, s3={"addressing_style": "path"}))
        form = s3.generate_presigned_post("local", "in/${filename}",
            Fields={"Content-Type": "text/plain", "x-amz-meta-who": "boto & co"},
            Conditions=[["starts-with", "$Content-Type", "text/"], {"x-amz-meta-who": "boto & co"},
                ["content-length-range", 3, 5]], ExpiresIn=300)
        print(form["url"])
        for name, value in form["fields"].items(): print(name + "=" + value)
        """

    @Test("by boto3 for a form take a file of the right size and name, sent by curl")
    func forms() async throws {
        try await Self.requireTools()
        let folder = try TemporaryFolder()
        try await RunningStore.serve(in: folder) { store in
            func signed(_ version: String) async throws -> [String] {
                let answer = try await Program.run(
                    Self.credentials(folder)
                        + [Self.python, "-c", Self.formScript, "\(store.port)", version]
                )
                guard answer.code == 0 else { throw TestFailure("boto3: \(answer.errors)") }
                return answer.output.split(separator: "\n").map(String.init)
            }
            func post(
                _ form: [String],
                _ text: String,
                _ change: (String) -> String = { $0 },
                more: [String] = []
            ) async throws -> String {
                let fields = (form.dropFirst().map(change) + more).flatMap {
                    ["--form-string", $0]
                }
                // Standard input is empty; the text itself is the file.
                let file = ["-F", "file=\(text);filename=../x.txt"]
                return try await Program.run(
                    ["curl", "-sS", "--noproxy", "*", "-w", " %{http_code}"] + fields + file
                        + [form[0]]
                ).output
            }
            let form = try await signed("s3v4")
            #expect(try await post(form, "1234") == " 204")
            let object = try await store.ask(.get, ObjectKey("in/x.txt"))
            #expect(object.text == "1234" && object.headers["content-type"] == "text/plain")
            #expect(object.headers["x-amz-meta-who"] == "boto & co")
            #expect(try await post(form, "12345") == " 204")
            #expect(try await post(form, "123") == " 204")
            #expect(try await post(form, "123456").contains("EntityTooLarge"))
            #expect(try await post(form, "12").contains("EntityTooSmall"))
            let extra = try await post(form, "1234", more: ["acl=private"])
            #expect(extra.contains("Extra input fields: acl") && extra.hasSuffix(" 403"))
            for (field, changed) in [
                ("key=", "key=out/x"), ("Content-Type=", "Content-Type=image/png"),
                ("policy=", "policy=e30="), ("x-amz-signature=", "x-amz-signature=00"),
            ] {
                let answer = try await post(form, "1234") {
                    $0.hasPrefix(field) ? changed : $0
                }
                #expect(answer.hasSuffix(" 403"), "\(changed): \(answer)")
            }
            #expect(try await store.ask(.get, ObjectKey("in/x.txt")).text == "123")
            let older = try await post(signed("s3"), "1234")
            #expect(older.contains("InvalidRequest") && older.contains("AWS4-HMAC-SHA256"))
            store.clock.advance(.seconds(3_600))
            #expect(try await post(form, "1234").contains("Policy expired."))
        }
    }

    /// boto3's transfer signs with a header; this makes it sign the URL, and keep the body.
    private static let transferScript = """
        import boto3, botocore.auth, sys
        from boto3.s3.transfer import TransferConfig
        from botocore.config import Config
        class Query(botocore.auth.S3SigV4QueryAuth):
            def _modify_request_before_signing(self, request):
                data, request.data = request.data, b""
                super()._modify_request_before_signing(request)
                request.data = data
        botocore.auth.AUTH_TYPE_MAPS["presignd-query"] = Query
        port, path = sys.argv[1:]
        s3 = boto3.client("s3", endpoint_url="http://127.0.0.1:" + port, region_name="eu-north-7",
            config=Config(signature_version="presignd-query", s3={"addressing_style": "path"}))
        open(path, "wb").write(bytes(range(256)) * (11 << 12))
        s3.upload_file(path, "local", "big.bin", ExtraArgs={"ContentType": "text/x-big"},
            Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20))
        head = s3.head_object(Bucket="local", Key="big.bin")
        print(head["ContentLength"], head["ETag"][-3:], head["ContentType"])
        """

    @Test("by boto3's upload_file send a large file in parts")
    func transfer() async throws {
        try await Self.requireTools()
        let folder = try TemporaryFolder()
        try await RunningStore.serve(in: folder) { store in
            let sent = try await Program.run(
                Self.credentials(folder)
                    + [Self.python, "-c", Self.transferScript, "\(store.port)", "\(folder.path)/f"]
            )
            #expect(sent.output == "11534336 -3\" text/x-big\n", "\(sent.errors)")
        }
    }
}
