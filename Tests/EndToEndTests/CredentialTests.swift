// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// Ceph alone has what this needs: keys that can be revoked, and an STS that checks signatures.
@Suite("Keys that change", .timeLimit(.minutes(5)))
struct CredentialTests {
    private static let stores = RealStore.ceph
    private static var role: String? { ProcessInfo.processInfo.environment["RGW_ROLE_ARN"] }

    /// Makes a user with two keys.
    private func keys(of user: String, _ store: RealStore) throws -> (old: RealStore, RealStore) {
        var (old, new) = (store, store)
        (old.accessKey, old.secretKey) = ("OLD\(user.uppercased())", "old/secret+1")
        (new.accessKey, new.secretKey) = ("NEW\(user.uppercased())", "new/secret+2")
        for (index, key) in [old, new].enumerated() {
            let words = index == 0 ? ["user", "create", "--display-name=x"] : ["key", "create"]
            let parts = ["--access-key=\(key.accessKey)", "--secret-key=\(key.secretKey)"]
            try RealStore.administer(words + ["--uid=\(user)"] + parts)
        }
        return (old, new)
    }

    private func profile(_ store: RealStore) -> String {
        """
        aws_access_key_id = \(store.accessKey)
        aws_secret_access_key = \(store.secretKey)

        """
    }

    /// Writes the file anew, as those who rotate keys should: another file under the same name.
    private func write(_ store: RealStore, in sandbox: Sandbox) throws {
        let file = sandbox.folder.appending(path: "keys")
        let text = "[default]\n" + profile(store)
        try Data(text.utf8).write(to: file, options: .atomic)
    }

    @Test(
        "may be rotated in the middle of many uploads, and the old one revoked: none fails",
        arguments: stores
    )
    func rotation(store: RealStore) throws {
        let user = "rotating-\(UUID().uuidString.prefix(8).lowercased())"
        let (old, new) = try keys(of: user, store)
        try old.createBucket(user)
        let sandbox = try Sandbox(
            store: store.yaml(bucket: user, credentials: "{ profile: default }")
        ) { folder in ["AWS_SHARED_CREDENTIALS_FILE": folder.appending(path: "keys").path] }
        try write(old, in: sandbox)
        let daemon = try sandbox.start()
        for number in 0..<600 { try sandbox.write("inbox/\(number).txt", "file \(number)") }
        _ = try sandbox.manifest.lines { $0.count >= 20 }
        try write(new, in: sandbox)
        func byNew(_ lines: [Line]) -> [Line] {
            lines.filter { $0.url.contains("X-Amz-Credential=\(new.accessKey)%2F") }
        }
        // A second may pass until the file is looked at, and there may be nothing left to upload.
        for number in 600..<1_200 { try sandbox.write("inbox/\(number).txt", "file \(number)") }
        _ = try sandbox.manifest.lines { byNew($0).count >= 64 || $0.count >= 1_200 }
        // What the old key signed has arrived, and what the new one signs is under way.
        _ = try sandbox.manifest.lines { $0.count >= 1_200 }
        for number in 1_200..<1_250 { try sandbox.write("inbox/\(number).txt", "file \(number)") }
        _ = try sandbox.manifest.lines { $0.count >= 1_205 }
        try RealStore.administer(["key", "rm", "--uid=\(user)", "--access-key=\(old.accessKey)"])
        for number in 1_250..<1_300 { try sandbox.write("inbox/\(number).txt", "file \(number)") }
        let lines = try sandbox.manifest.lines { $0.count >= 1_300 }
        let missing = Set((0..<1_300).map { "\($0).txt" }).subtracting(lines.map(\.path)).sorted()
        for name in missing.prefix(3) {
            let why = try sandbox.presignd("why", "inbox/\(name)")
            Issue.record("\(name): \(why.output) \(why.errors)")
        }
        #expect(lines.count == 1_300 && missing.isEmpty, "\(sandbox.log)")
        #expect(byNew(lines).count >= 50)
        #expect(lines.contains { $0.url.contains("X-Amz-Credential=\(old.accessKey)%2F") })
        let last = try #require(lines.last)
        #expect(try Program.curl(last.url).status == 200)
        for word in ["is parked", "waits:", "needs a person"] {
            #expect(!sandbox.log.contains(word), "\(sandbox.log)")
        }
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test(
        "may be revoked the moment after the file is written: the refusal has it read again",
        arguments: stores
    )
    func revokedAtOnce(store: RealStore) throws {
        let user = "revoked-\(UUID().uuidString.prefix(8).lowercased())"
        let (old, new) = try keys(of: user, store)
        try old.createBucket(user)
        let sandbox = try Sandbox(
            store: store.yaml(bucket: user, credentials: "{ profile: default }"),
            link: "{ expires_in: 1h, prove: off }"
        ) { folder in ["AWS_SHARED_CREDENTIALS_FILE": folder.appending(path: "keys").path] }
        try write(old, in: sandbox)
        let daemon = try sandbox.start()
        for number in 0..<400 { try sandbox.write("inbox/\(number).txt", "file \(number)") }
        _ = try sandbox.manifest.lines { $0.count >= 20 }
        try write(new, in: sandbox)
        try RealStore.administer(["key", "rm", "--uid=\(user)", "--access-key=\(old.accessKey)"])
        let lines = try sandbox.manifest.lines { $0.count >= 400 }
        #expect(lines.count == 400, "\(sandbox.log)")
        for word in ["is parked", "waits:", "needs a person"] {
            #expect(!sandbox.log.contains(word), "\(sandbox.log)")
        }
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test(
        "may be those of a role: links end with its session, and check says so",
        arguments: stores
    )
    func role(store: RealStore) throws {
        let role = try #require(Self.role)
        try store.createBucket("role-bucket")
        let sandbox = try Sandbox(
            store: store.yaml(bucket: "role-bucket", credentials: "{ profile: role }"),
            link: "{ expires_in: 24h }"
        )
        try sandbox.write(
            ".aws/config",
            """
            [profile base]
            \(profile(store))
            [profile role]
            role_arn = \(role)
            source_profile = base
            role_session_name = presignd-test
            duration_seconds = 900
            endpoint_url = \(store.endpoint)
            """
        )
        let check = try sandbox.presignd("check")
        #expect(check.status == 0, "\(check.errors)")
        #expect(check.errors.contains("note: template inbox: links shall live 1d, but the key"))
        let presigned = try sandbox.presignd(
            "presign",
            "s3://role-bucket/none",
            "--profile",
            "role",
            "--endpoint-url",
            store.endpoint
        )
        let url = presigned.output.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        #expect(url.contains("X-Amz-Security-Token="), "\(presigned.errors)")
        #expect(presigned.errors.contains("note: the URL ends at"))
        #expect(try Program.curl(url).status == 404, "the key is taken")

        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "by a role")
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        #expect(line.limited_by == "credentials")
        let issued = try #require(try? Date(line.issued_at, strategy: .iso8601))
        let expires = try #require(try? Date(line.expires_at, strategy: .iso8601))
        #expect((700...900).contains(expires.timeIntervalSince(issued)))
        #expect(try Program.curl(line.url).body == Data("by a role".utf8))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("are explained when a role may not be taken on", arguments: stores)
    func refused(store: RealStore) throws {
        let sandbox = try Sandbox(
            store: store.yaml(bucket: "role-bucket", credentials: "{ profile: role }")
        )
        try sandbox.write(
            ".aws/config",
            """
            [profile base]
            \(profile(store).replacing(store.secretKey, with: "wrong"))
            [profile role]
            role_arn = \(Self.role ?? "")
            source_profile = base
            endpoint_url = \(store.endpoint)
            """
        )
        let check = try sandbox.presignd("check")
        #expect(check.status == 78)
        // Ceph's word for a wrong signature here.
        #expect(check.errors.contains("STS says AccessDenied"), "\(check.errors)")
        #expect(check.errors.contains("see that their key is right"))
        #expect(!check.errors.contains("wrong"))
    }

    @Test("may be those of a role that an identity provider vouches for", arguments: stores)
    func webIdentity(store: RealStore) throws {
        let provider = try IdentityProvider()
        try provider.register(at: store)
        let authority = "127.0.0.1:\(provider.port)"
        let name = "web-\(provider.port)"
        let allow = #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","#
        let federated = #""Principal":{"Federated":["arn:aws:iam:::oidc-provider/\#(authority)"]},"#
        let condition = #""Condition":{"StringEquals":{"\#(authority):app_id":"presignd"}}}]}"#
        let action = #""Action":["sts:AssumeRoleWithWebIdentity"],"#
        try RealStore.administer([
            "role", "create", "--role-name=\(name)", "--path=/",
            "--assume-role-policy-doc=\(allow)\(federated)\(action)\(condition)",
        ])
        try RealStore.administer([
            "role-policy", "put", "--role-name=\(name)", "--policy-name=all",
            #"--policy-doc=\#(allow)"Action":["s3:*"],"Resource":["arn:aws:s3:::*"]}]}"#,
        ])
        try store.createBucket("role-bucket")
        let yaml = store.yaml(bucket: "role-bucket").replacing(", credentials: env", with: "")
        let sandbox = try Sandbox(
            store: yaml,
            environment: [
                "AWS_WEB_IDENTITY_TOKEN_FILE": provider.tokenFile,
                "AWS_ROLE_ARN": "arn:aws:iam:::role/\(name)",
                "AWS_ENDPOINT_URL_STS": store.endpoint,
            ]
        )
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "by a token")
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        #expect(line.url.contains("X-Amz-Security-Token="))
        #expect(try Program.curl(line.url).body == Data("by a token".utf8))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("may come from a program, for check and presign too")
    func program() throws {
        let sandbox = try Sandbox()
        try sandbox.write(
            ".aws/config",
            #"""
            [profile tool]
            credential_process = /bin/echo '{"Version":1,"AccessKeyId":"AKTOOL","SecretAccessKey":"s"}'
            """#
        )
        let answer = try sandbox.presignd("presign", "s3://b/k", "--profile", "tool")
        #expect(answer.output.contains("X-Amz-Credential=AKTOOL%2F"), "\(answer.errors)")
    }
}
