// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Credentials

extension KeyServer {
    /// A key in JSON as container and instance hand it out.
    static func document(_ id: String, end: String = "2030-01-01T00:00:00Z") -> String {
        """
        { "Code": "Success", "AccessKeyId": "\(id)", "SecretAccessKey": "s", "Token": "t",
          "Expiration": "\(end)" }
        """
    }
}

@Suite("A key that the surroundings hand out")
struct EndpointKeyTests {
    private let folder: Folder
    private let start = Timestamp(seconds: 1_795_000_000)
    private let parts = ["AK", "s", "t"]

    init() throws { folder = try Folder() }

    private func find(_ environment: [String: String]) async throws -> AccessKey {
        try await folder.finder(environment).find(.chain, at: start)
    }

    private func problem(_ environment: [String: String]) async throws -> String {
        try await #require(throws: CredentialError.self) { _ = try await find(environment) }
            .description
    }

    // MARK: - Container

    @Test("comes from a container's endpoint, asked with its token, which is read anew each time")
    func container() async throws {
        let server = KeyServer { _ in KeyServer.Reply(body: KeyServer.document("AK")) }
        let full = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/v1/keys?id=1"]
        let key = try await find(full)
        #expect(key.parts == parts)
        #expect(key.expiresAt == Timestamp(rfc3339: "2030-01-01T00:00:00Z"))
        #expect(server.requests.last?.target == "/v1/keys?id=1")
        #expect(server.requests.last?.headers["authorization"] == nil)
        var environment = full.merging(["AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic x"]) { $1 }
        _ = try await find(environment)
        #expect(server.requests.last?.headers["authorization"] == "Basic x")
        environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = try folder.write("token", "one")
        for token in ["one", "two"] {
            try folder.write("token", token)
            _ = try await find(environment)
            #expect(server.requests.last?.headers["authorization"] == token)
        }
        for text in ["a\r\nHost: x", "a\n", ""] {
            try folder.write("token", text)
            #expect(try await problem(environment).contains("is no token of one line"))
        }
    }

    @Test(
        "is asked for without TLS on this machine and of a container's agent only",
        arguments: [
            "http://192.0.2.1/x", "http://example.org", "http://169.254.169.254/",
            "http://127.0.0.1.example.org/", "http://localhost@192.0.2.1/", "ftp://localhost/", "x",
        ]
    )
    func plainHosts(url: String) async throws {
        let problem = try await problem(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
        #expect(problem.contains("AWS_CONTAINER_CREDENTIALS_FULL_URI is no"), "\(problem)")
    }

    @Test(
        "is not asked for at a relative path that is none",
        arguments: ["x", "@192.0.2.1/", "/a b"]
    )
    func relative(path: String) async throws {
        let environment = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": path]
        #expect(try await problem(environment).contains("is no path that begins with /"))
    }

    @Test("is missing when the endpoint refuses, hands out nonsense, or does not answer")
    func badContainer() async throws {
        for (status, body, expected) in [
            (403, "HUSH", "it answered 403"), (200, "HUSH", "the answer is no JSON"),
            (200, "[]", "is a list, not an object"),
            (200, #"{"AccessKeyId":"HUSH"}"#, "has no SecretAccessKey"),
            (200, #"{"AccessKeyId":"a b","SecretAccessKey":"HUSH"}"#, "in AccessKeyId that no key"),
            (200, KeyServer.document("HUSH", end: "soon"), "an Expiration that is no time"),
            (200, KeyServer.document("HUSH", end: "2020-01-01T00:00:00Z"), "the key ended at"),
            (500, "HUSH", "it answered 500"),
        ] {
            let server = KeyServer { _ in KeyServer.Reply(status: status, body: body) }
            let problem = try await problem(["AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url])
            #expect(problem.contains(expected) && !problem.contains("HUSH"), "\(problem)")
            #expect(server.requests.count == (status == 500 ? 3 : 1))
        }
        let closed = KeyServer { _ in nil }
        let lost = try await problem(["AWS_CONTAINER_CREDENTIALS_FULL_URI": closed.url])
        #expect(lost.contains("broke off its answer"))
    }

    // MARK: - Instance

    /// A metadata service of version 2 that has a role.
    private func instance(
        token: Int = 200,
        role: String? = "team+ro",
        _ document: String = KeyServer.document("AK")
    ) throws -> KeyServer {
        KeyServer { request in
            if request.method == "PUT", request.target == "/latest/api/token" {
                return KeyServer.Reply(status: token, body: "TOKEN==")
            }
            guard request.headers["x-aws-ec2-metadata-token"] == "TOKEN==" else {
                return KeyServer.Reply(status: 401)
            }
            switch request.target {
            case "/latest/meta-data/iam/security-credentials/":
                return role.map { KeyServer.Reply(body: $0 + "\n") } ?? KeyServer.Reply(status: 404)
            case "/latest/meta-data/iam/security-credentials/team+ro":
                return KeyServer.Reply(body: document)
            default:
                return KeyServer.Reply(status: 404)
            }
        }
    }

    @Test("comes from an instance's metadata, by version 2 alone")
    func metadata() async throws {
        let server = try instance()
        let environment = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url]
        #expect(try await find(environment).parts == parts)
        let seconds = server.requests.first?.headers["x-aws-ec2-metadata-token-ttl-seconds"]
        #expect(seconds == "300")
        #expect(server.requests.count == 3)
        let forbidden = try instance(token: 403)
        let problem = try await problem(["AWS_EC2_METADATA_SERVICE_ENDPOINT": forbidden.url])
        #expect(problem.contains("gives no token for version 2 (it answered 403)"))
        #expect(forbidden.requests.map(\.method) == ["PUT"], "version 1 is never tried")
    }

    @Test("is missing when the instance has no role, or an answer is odd")
    func badMetadata() async throws {
        for (server, expected) in [
            (try instance(role: nil), "the instance has no role"),
            (try instance(role: "../x"), "names no role"),
            (
                try instance(#"{"Code":"AssumeRoleUnauthorizedAccess"}"#),
                "has no key for role team+ro"
            ),
        ] {
            let problem = try await problem(["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url])
            #expect(problem.contains(expected), "\(problem)")
            #expect(problem.contains("found no access key"))
        }
    }

    @Test("is not asked for where the environment forbids it")
    func disabled() async throws {
        let server = try instance()
        var environment = [
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url, "AWS_EC2_METADATA_DISABLED": "True",
        ]
        #expect(try await problem(environment).contains("AWS_EC2_METADATA_DISABLED forbids"))
        #expect(server.requests.isEmpty)
        environment = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "nowhere"]
        #expect(try await problem(environment).contains("is no URL"))
    }

    @Test("goes on being used after its end while the metadata has no later one, as AWS wants it")
    func outage() async throws {
        let end = try #require(Timestamp(rfc3339: "2030-01-01T00:00:00Z"))
        let server = try instance()
        let finder = folder.finder(["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url])
        let provider = CredentialProvider<AccessKey>(.chain, finder: finder)
        #expect(try await provider.key(at: start).id == "AK")
        let late = try await provider.key(at: end + .seconds(3_600))
        #expect(late.id == "AK" && late.expiresAt == end)
    }

    // MARK: - The order

    @Test("is looked for after the environment and the profiles, the container before the instance")
    func order() async throws {
        let container = KeyServer { _ in KeyServer.Reply(body: KeyServer.document("AKCON")) }
        let instance = try instance()
        let service = KeyServer { _ in nil }
        var environment = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": instance.url]
        #expect(try await find(environment).id == "AK")
        environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = container.url
        #expect(try await find(environment).id == "AKCON")
        try folder.write(
            ".aws/credentials",
            "[default]\naws_access_key_id = AKDEF\naws_secret_access_key = s\n"
        )
        #expect(try await find(environment).id == "AKDEF")
        environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = try folder.write("token", "x")
        environment["AWS_ROLE_ARN"] = "arn:r"
        environment["AWS_ENDPOINT_URL_STS"] = service.url
        #expect(try await problem(environment).contains("role arn:r"))
        environment["AWS_ACCESS_KEY_ID"] = "AKENV"
        environment["AWS_SECRET_ACCESS_KEY"] = "s"
        #expect(try await find(environment).id == "AKENV")
    }
}
