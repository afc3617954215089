// SPDX-License-Identifier: Apache-2.0

import HTTP
import Jobs
import Sign
import Testing

@testable import Credentials

@Suite("A profile with a role")
struct RoleTests {
    private let folder: Folder
    private let start = Timestamp(seconds: 1_795_000_000)

    init() throws { folder = try Folder() }

    static func answer(_ id: String, endsAt end: Timestamp) -> String {
        """
        <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
        <Credentials><AccessKeyId>\(id)</AccessKeyId><SecretAccessKey>s/\(id)</SecretAccessKey>
        <SessionToken>t/\(id)</SessionToken><Expiration>\(end.rfc3339)</Expiration></Credentials>
        </AssumeRoleResult></AssumeRoleResponse>
        """
    }

    private func service(_ status: Int = 200, _ body: String? = nil) throws -> KeyServer {
        let end = start + .seconds(3_600)
        return KeyServer { request in
            let id = "AS-\(request.form["RoleArn"] ?? "")"
            return KeyServer.Reply(status: status, body: body ?? Self.answer(id, endsAt: end))
        }
    }

    private func key(
        _ profile: String,
        _ environment: [String: String] = [:]
    ) async throws -> AccessKey {
        try await folder.finder(environment).find(.profile(profile), at: start)
    }

    private func problem(
        _ profile: String,
        _ environment: [String: String] = [:]
    ) async throws -> String {
        let error = try await #require(throws: CredentialError.self) {
            _ = try await key(profile, environment)
        }
        return error.description
    }

    private func write(_ service: KeyServer? = nil, _ more: String) throws {
        try folder.write(
            ".aws/config",
            """
            [profile base]
            aws_access_key_id = AKBASE
            aws_secret_access_key = hush
            region = eu-west-1
            [profile team]
            role_arn = arn:team
            source_profile = base
            \(service.map { "endpoint_url = \($0.url)" } ?? "")
            \(more)
            """
        )
    }

    @Test("takes the role on with the key of its source profile, and knows when the session ends")
    func sourceProfile() async throws {
        let service = try service()
        try write(
            service,
            """
            region = eu-central-1
            external_id = a b&c
            role_session_name = scanner
            duration_seconds = 900
            """
        )
        let key = try await key("team")
        #expect(key.parts == ["AS-arn:team", "s/AS-arn:team", "t/AS-arn:team"])
        #expect(key.expiresAt == start + .seconds(3_600))
        let request = try #require(service.requests.first)
        #expect(request.method == "POST" && request.target == "/")
        #expect(
            request.form == [
                "Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": "arn:team",
                "RoleSessionName": "scanner", "ExternalId": "a b&c", "DurationSeconds": "900",
            ]
        )
        let signed = try ServiceSigner(
            region: "eu-central-1",
            service: "sts",
            key: AccessKey(id: "AKBASE", secret: Secret("hush"))
        ).sign(
            "POST",
            path: Array("/".utf8),
            headers: ["content-type", "accept", "host"].map {
                Header($0, request.headers[$0] ?? "")
            },
            body: Array(request.body.utf8),
            at: start
        )
        #expect(request.headers["authorization"] == signed.last?.value)
        #expect(!request.body.contains("hush"))
    }

    @Test("may stand beside the key it is taken on with, and names its session by the time")
    func ownKey() async throws {
        let service = try service()
        try folder.write(
            ".aws/credentials",
            """
            [default]
            role_arn = arn:own
            source_profile = default
            aws_access_key_id = AK
            aws_secret_access_key = hush
            """
        )
        let finder = folder.finder(["AWS_ENDPOINT_URL_STS": service.url])
        #expect(try await finder.find(.chain, at: start).id == "AS-arn:own")
        #expect(service.requests.first?.form["RoleSessionName"] == "presignd-1795000000")
    }

    @Test("may be taken on with another role, and that with a third")
    func chained() async throws {
        let service = try service()
        try write(
            service,
            """
            [profile second]
            role_arn = arn:second
            source_profile = team
            endpoint_url = \(service.url)
            [profile third]
            role_arn = arn:third
            source_profile = second
            services = here
            [services here]
            sts =
              endpoint_url = \(service.url)
            """
        )
        #expect(try await key("third").id == "AS-arn:third")
        let requests = service.requests
        #expect(requests.map { $0.form["RoleArn"] } == ["arn:team", "arn:second", "arn:third"])
        #expect(requests[2].headers["x-amz-security-token"] == "t/AS-arn:second")
        #expect(requests[2].headers["authorization"]?.contains("AS-arn:second/") == true)
    }

    @Test("is refused when profiles take their keys from each other in a circle")
    func circle() async throws {
        try write(
            nil,
            """
            [profile a]
            role_arn = x
            source_profile = b
            [profile b]
            role_arn = x
            source_profile = a
            [profile self]
            role_arn = x
            source_profile = self
            """
        )
        #expect(try await problem("a").contains("(a → b → a)"))
        #expect(try await problem("self").contains("(self → self)"))
    }

    @Test("may be taken on with a key of the environment, of a container or of an instance")
    func credentialSource() async throws {
        let service = try service()
        let others = KeyServer { request in
            let body =
                request.target.hasSuffix("/security-credentials/")
                ? "ROLE" : request.method == "PUT" ? "TOKEN" : KeyServer.document("AKOTHER")
            return KeyServer.Reply(body: body)
        }
        for (source, id) in [
            ("Environment", "AKENV"), ("EcsContainer", "AKOTHER"),
            ("Ec2InstanceMetadata", "AKOTHER"),
        ] {
            try folder.write(
                ".aws/config",
                "[default]\nrole_arn = arn:r\ncredential_source = \(source)\n"
            )
            let environment = [
                "AWS_ENDPOINT_URL": service.url,
                "AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "hush",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": others.url + "/x",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": others.url,
            ]
            #expect(try await key("default", environment).id == "AS-arn:r")
            let authorization = service.requests.last?.headers["authorization"] ?? ""
            #expect(authorization.contains("Credential=\(id)/"), "\(source)")
        }
    }

    @Test(
        "is refused when what it says is not enough, or too much",
        arguments: [
            ("", "profile \"x\" (it has a role_arn) has no source_profile or credential_source"),
            ("source_profile = gone", "there is no profile \"gone\""),
            ("source_profile = base\ncredential_source = Environment", "either source_profile or"),
            ("credential_source = Elsewhere", "Environment, EcsContainer or Ec2InstanceMetadata"),
            ("source_profile = base\nduration_seconds = 60", "from 900 to 43200"),
            ("source_profile = base\nmfa_serial = m", "uses mfa_serial"),
            ("source_profile = base\nregion = a/b", "region must be a region"),
            ("source_profile = base\nendpoint_url = http://192.0.2.1", "must be https://"),
            ("source_profile = base\nendpoint_url = nothing", "http(s)://host[:port]"),
        ]
    )
    func refused(lines: String, expected: String) async throws {
        try write(nil, "[profile x]\nrole_arn = arn:x\n\(lines)")
        let problem = try await problem("x")
        #expect(problem.contains(expected), "\(problem)")
    }

    @Test("asks STS where the AWS tools ask it")
    func places() throws {
        func host(
            _ environment: [String: String],
            _ settings: [String: String] = [:],
            plain: String? = nil
        ) throws -> String {
            let place = try TokenServicePlace(
                Environment(environment),
                Profile("p", settings),
                region: nil,
                plainHost: plain
            )
            return "\(place.endpoint) \(place.region)"
        }
        #expect(try host([:]) == "https://sts.amazonaws.com us-east-1")
        let region = ["region": "eu-west-1"]
        #expect(try host([:], region) == "https://sts.eu-west-1.amazonaws.com eu-west-1")
        #expect(
            try host(["AWS_REGION": "cn-north-1"], region)
                == "https://sts.cn-north-1.amazonaws.com.cn cn-north-1"
        )
        var legacy = region
        legacy["sts_regional_endpoints"] = "legacy"
        #expect(try host([:], legacy) == "https://sts.amazonaws.com us-east-1")
        legacy["region"] = "ap-east-1"
        #expect(try host([:], legacy) == "https://sts.ap-east-1.amazonaws.com ap-east-1")
        let named = ["endpoint_url": "https://a", "services.sts": "https://b", "region": "r"]
        #expect(try host([:], named) == "https://b r")
        #expect(try host(["AWS_ENDPOINT_URL": "https://c"], named) == "https://c r")
        let both = ["AWS_ENDPOINT_URL": "https://c", "AWS_ENDPOINT_URL_STS": "https://d"]
        #expect(try host(both, named) == "https://d r")
        let plain = ["AWS_ENDPOINT_URL_STS": "http://ceph.lan:7480"]
        #expect(try host(plain, plain: "ceph.lan") == "http://ceph.lan:7480 us-east-1")
        #expect(throws: CredentialError.self) { try host(plain) }
    }

    @Test(
        "says role, profile, place and cure when STS refuses, and nothing secret",
        arguments: [
            ("AccessDenied", "not for you", "trust policy", "not for you"),
            ("ExpiredToken", "it is over", "renew what the role", "it is over"),
            ("RegionDisabledException", "no", "activate STS in region us-east-1", "no"),
            ("SignatureDoesNotMatch", "x-amz-security-token:hush", "mend the key", ""),
            ("ValidationError", "'hush' is bad", "mend the role's settings", ""),
            ("Odd", String(repeating: "x", count: 300), "are right", "…"),
        ]
    )
    func refusals(code: String, message: String, cure: String, shown: String) async throws {
        let service = try service(
            403,
            "<ErrorResponse><Error><Type>Sender</Type><Code>\(code)</Code><Message>\(message)"
                + "</Message></Error></ErrorResponse>"
        )
        try write(service, "")
        let problem = try await problem("team")
        for part in ["role arn:team", "\"team\"", service.url, "STS says \(code)", cure, shown] {
            #expect(part.isEmpty || problem.contains(part), "\(problem)")
        }
        #expect(!problem.contains("hush"))
        #expect(service.requests.count == 1)
    }

    @Test(
        "asks again when STS has a bad moment, and says so when it goes on",
        arguments: [503, 400]
    )
    func badMoments(status: Int) async throws {
        let service = try service(
            status,
            "<Error><Code>\(status == 400 ? "Throttling" : "Odd")</Code></Error>"
        )
        try write(service, "")
        let error = try await #require(throws: CredentialError.self) { _ = try await key("team") }
        #expect(error.isPassing)
        #expect(service.requests.count == 3)
    }

    @Test(
        "is refused when the answer is no key",
        arguments: ["", "<a/>", "<r><AccessKeyId>a b</AccessKeyId></r>"]
    )
    func noKey(body: String) async throws {
        let service = try service(200, body)
        try write(service, "")
        #expect(try await problem("team").contains("the answer has no key"))
        #expect(service.requests.count == 1)
    }

    @Test("is refused when the session is over before it has begun")
    func ended() async throws {
        let service = try service(200, Self.answer("AK", endsAt: start))
        try write(service, "")
        #expect(try await problem("team").contains("look at this machine's clock"))
        #expect(service.requests.count == 1)
    }

    @Test("asks STS through the proxy of the store, or not at all")
    func proxy() async throws {
        let proxy = try service()
        try write(nil, "endpoint_url = http://sts.test")
        func finder(
            _ route: @escaping @Sendable (Endpoint) throws -> HTTPRoute
        ) throws
            -> CredentialFinder
        {
            let store = try Endpoint("http://sts.test:7480")
            return CredentialFinder(environment: [:], home: folder.path, store: store, route: route)
        }
        let port = proxy.port
        let through = try finder { _ in
            HTTPRoute(proxy: HTTPProxy(scheme: .http, host: "127.0.0.1", port: port))
        }
        #expect(try await through.find(.profile("team"), at: start).id == "AS-arn:team")
        #expect(proxy.requests.first?.target == "http://sts.test/")
        let nowhere = try finder { _ in throw CancellationError() }
        await #expect(throws: CredentialError.self) {
            try await nowhere.find(.profile("team"), at: start)
        }
        #expect(proxy.requests.count == 1)
    }

    // MARK: - Web identity

    @Test("is taken on with the token of an identity provider, named by environment or profile")
    func webIdentity() async throws {
        let service = try service()
        let token = try folder.write("token", "ey.J.x\n", mode: 0o644)
        let environment = [
            "AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:pod",
            "AWS_ROLE_SESSION_NAME": "pod", "AWS_ENDPOINT_URL_STS": service.url,
        ]
        let found = try await folder.finder(environment).find(.chain, at: start)
        #expect(found.id == "AS-arn:pod")
        let request = try #require(service.requests.first)
        #expect(
            request.form == [
                "Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15",
                "RoleArn": "arn:pod", "RoleSessionName": "pod", "WebIdentityToken": "ey.J.x",
            ]
        )
        #expect(request.headers["authorization"] == nil)
        try write(
            nil,
            """
            [profile ci]
            role_arn = arn:ci
            web_identity_token_file = \(token)
            endpoint_url = \(service.url)
            """
        )
        #expect(try await key("ci").id == "AS-arn:ci")
    }

    @Test("says what is missing or wrong with a token, and nothing of it")
    func badIdentity() async throws {
        let service = try service(400, "<Error><Code>Odd</Code><Message>ey.HUSH</Message></Error>")
        let token = try folder.write("token", "ey.HUSH")
        var environment = ["AWS_WEB_IDENTITY_TOKEN_FILE": token]
        func problem() async throws -> String {
            try await #require(throws: CredentialError.self) {
                _ = try await folder.finder(environment).find(.chain, at: start)
            }.description
        }
        #expect(try await problem().contains("has no AWS_ROLE_ARN"))
        environment["AWS_ROLE_ARN"] = "arn:x"
        environment["AWS_ENDPOINT_URL"] = service.url
        let refused = try await problem()
        #expect(refused.contains("STS says Odd") && !refused.contains("HUSH"))
        try folder.write("token", "two HUSH")
        #expect(try await problem().contains("holds no token"))
        try folder.remove("token")
        #expect(try await problem().contains("cannot read \(token)"))
        #expect(service.requests.count == 1)
    }
}
