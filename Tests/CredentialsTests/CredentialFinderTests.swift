// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Credentials

@Suite("Finding an access key")
struct CredentialFinderTests {
    private let folder: Folder
    private let start = Timestamp(seconds: 1_795_000_000)

    init() throws { folder = try Folder() }

    private static let variables = [
        "AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "hush", "AWS_SESSION_TOKEN": "t",
        "AWS_CREDENTIAL_EXPIRATION": "2030-11-23T18:00:00Z",
    ]

    private func problem(
        _ source: CredentialSource,
        _ environment: [String: String] = [:]
    ) async throws -> CredentialError {
        try await #require(throws: CredentialError.self) {
            _ = try await folder.finder(environment).find(source, at: start)
        }
    }

    // MARK: - Environment

    @Test("reads id, secret, token and their end from the environment")
    func environment() async throws {
        let key = try await folder.finder(Self.variables).find(.environment, at: start)
        #expect(key.parts == ["AKENV", "hush", "t"])
        #expect(key.expiresAt == Timestamp(rfc3339: "2030-11-23T18:00:00Z"))
    }

    @Test(
        "reads the end of a key as the AWS tools write it",
        arguments: [
            "2030-11-23T18:00:00+00:00", "2030-11-23T20:30:00+02:30", "2030-11-23T17:00:00-01:00",
        ]
    )
    func offsets(text: String) async throws {
        let variables = Self.variables.merging(["AWS_CREDENTIAL_EXPIRATION": text]) { $1 }
        let key = try await folder.finder(variables).find(.chain, at: start)
        #expect(key.expiresAt == Timestamp(rfc3339: "2030-11-23T18:00:00Z"))
    }

    @Test(
        "refuses an end that is no time, for links must not outlive the key",
        arguments: ["soon", "2030-11-23T18:00:00"]
    )
    func badEnd(text: String) async throws {
        let variables = Self.variables.merging(["AWS_CREDENTIAL_EXPIRATION": text]) { $1 }
        #expect(
            try await problem(.chain, variables).description.contains("AWS_CREDENTIAL_EXPIRATION")
        )
    }

    @Test("names the variable that is missing, and takes an empty one for missing")
    func halfEnvironment() async throws {
        let half = ["AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": ""]
        #expect(
            try await problem(.environment, half)
                == .incomplete(place: "the environment", missing: "AWS_SECRET_ACCESS_KEY")
        )
        #expect(try await problem(.chain, half).description.contains("AWS_SECRET_ACCESS_KEY"))
        #expect(
            try await problem(.environment).description.contains("AWS_ACCESS_KEY_ID is not set")
        )
    }

    // MARK: - Profiles

    @Test("refuses a key of the environment that has ended")
    func ended() async throws {
        let variables = Self.variables.merging(
            ["AWS_CREDENTIAL_EXPIRATION": start.rfc3339]
        ) { $1 }
        let end = CredentialError.ended(source: "the environment", at: start)
        #expect(try await problem(.chain, variables) == end)
        #expect(end.description.contains("2026-"))
    }

    @Test("reads a profile from both files, and keys from the credentials file first")
    func profiles() async throws {
        try folder.write(
            ".aws/credentials",
            "[team]\naws_access_key_id = AK1\naws_secret_access_key = s1\n"
        )
        try folder.write(
            ".aws/config",
            """
            [profile team]
            aws_access_key_id = AK2
            region = eu-west-1
            [profile other]
            aws_access_key_id = AK3
            aws_secret_access_key = s3
            aws_session_token = t3
            """
        )
        #expect(
            try await folder.finder().find(.profile("team"), at: start).parts == ["AK1", "s1", nil]
        )
        #expect(
            try await folder.finder().find(.profile("other"), at: start).parts == [
                "AK3", "s3", "t3",
            ]
        )
        #expect(try folder.finder().settings(profile: "team").region == "eu-west-1")
    }

    @Test("reads the files that the environment names, from the home folder if they say so")
    func otherFiles() async throws {
        let text = "[default]\naws_access_key_id=AK\naws_secret_access_key=s\n"
        let path = try folder.write("other", text, mode: 0o644)
        for name in [path, "~/other"] {
            let finder = folder.finder(["AWS_SHARED_CREDENTIALS_FILE": name])
            #expect(
                try await finder.find(.profile("default"), at: start).parts == ["AK", "s", nil]
            )
        }
    }

    @Test("says which files lack a profile, and which half of a key is missing")
    func badProfiles() async throws {
        try folder.write(
            ".aws/credentials",
            "[half]\naws_secret_access_key=hush\n[none]\nregion=a\n"
        )
        let unknown = try await problem(.profile("gone")).description
        #expect(unknown.contains("\"gone\"") && unknown.contains("\(folder.path)/.aws/credentials"))
        #expect(try await problem(.profile("half")).description.contains("aws_access_key_id"))
        #expect(!(try await problem(.profile("half")).description.contains("hush")))
        #expect(try await problem(.profile("none")).description.contains("aws_access_key_id"))
    }

    @Test(
        "says so when a profile gets its key in a way that is not built in",
        arguments: [
            "sso_session", "sso_start_url", "login_session",
        ]
    )
    func otherWays(setting: String) async throws {
        try folder.write(".aws/config", "[default]\n\(setting) = x\n")
        for source in [CredentialSource.profile("default"), .chain] {
            #expect(try await problem(source) == .unsupported(profile: "default", setting: setting))
        }
    }

    @Test("prefers a role over the key of the same profile, as the AWS tools do")
    func roleFirst() async throws {
        try folder.write(
            ".aws/config",
            "[default]\nrole_arn = r\naws_access_key_id=AK\naws_secret_access_key=s\n"
        )
        #expect(try await problem(.chain).description.contains("no source_profile or"))
    }

    // MARK: - The chain

    @Test("goes from the environment to the profile it names to the default profile")
    func chain() async throws {
        try folder.write(
            ".aws/credentials",
            """
            [default]
            aws_access_key_id = AKDEF
            aws_secret_access_key = s
            [team]
            aws_access_key_id = AKTEAM
            aws_secret_access_key = s
            """
        )
        #expect(try await folder.finder().find(.chain, at: start).id == "AKDEF")
        #expect(
            try await folder.finder(["AWS_PROFILE": "team"]).find(.chain, at: start).id == "AKTEAM"
        )
        #expect(try await folder.finder(Self.variables).find(.chain, at: start).id == "AKENV")
        #expect(
            try await problem(.chain, ["AWS_PROFILE": "gone"])
                == .noProfile(
                    name: "gone",
                    files: ["\(folder.path)/.aws/credentials", "\(folder.path)/.aws/config"]
                )
        )
    }

    @Test("says where it looked and what to do when nothing has a key")
    func nothing() async throws {
        let text = try await problem(.chain).description
        for part in [
            "AWS_ACCESS_KEY_ID", "\(folder.path)/.aws/credentials", "\(folder.path)/.aws/config",
            "aws configure",
        ] {
            #expect(text.contains(part))
        }
        let homeless = CredentialFinder(environment: ["AWS_EC2_METADATA_DISABLED": "true"])
        await #expect(throws: CredentialError.self) { try await homeless.find(.chain, at: start) }
    }

    // MARK: - Files

    @Test("reads one value a file, without the newline at its end")
    func files() async throws {
        let id = try folder.write("id", "AK\n", mode: 0o400)
        let secret = try folder.write("secret", "a/b+c=\r\n")
        let token = try folder.write("token", "t")
        let finder = folder.finder()
        #expect(
            try await finder.find(
                .files(accessKey: id, secretKey: secret, sessionToken: token),
                at: start
            ).parts
                == ["AK", "a/b+c=", "t"]
        )
        #expect(
            try await finder.find(
                .files(accessKey: id, secretKey: secret, sessionToken: nil),
                at: start
            ).parts
                == ["AK", "a/b+c=", nil]
        )
    }

    @Test("refuses files that others can read, with the command that cures it")
    func openFiles() async throws {
        let id = try folder.write("id", "AK")
        for mode in [0o640, 0o604, 0o602] {
            let secret = try folder.write("secret", "hush", mode: mode)
            let source = CredentialSource.files(
                accessKey: id,
                secretKey: secret,
                sessionToken: nil
            )
            #expect(try await problem(source) == .readableByOthers(file: secret))
            #expect(try await problem(source).description.contains("chmod 600 '\(secret)'"))
        }
    }

    @Test(
        "refuses files that do not hold one value",
        arguments: ["", "\n", "a\nb\n", "hush hush", "\u{e9}"]
    )
    func badFiles(content: String) async throws {
        let secret = try folder.write("secret", content)
        let id = try folder.write("id", "AK")
        let source = CredentialSource.files(accessKey: id, secretKey: secret, sessionToken: nil)
        let text = try await problem(source).description
        #expect(text.hasPrefix(secret))
        #expect(!text.contains("hush"))
    }

    @Test("names a file that is missing, or is none")
    func missingFiles() async throws {
        let id = try folder.write("id", "AK")
        for path in ["\(folder.path)/secret", folder.path] {
            let source = CredentialSource.files(accessKey: id, secretKey: path, sessionToken: nil)
            #expect(try await problem(source).description.contains(path))
        }
    }

    @Test("reads what systemd hands over, though an access control list shows as group-readable")
    func systemd() async throws {
        try folder.write("s3-access-key", "AK\n", mode: 0o440)
        try folder.write("s3-secret-key", "s\n", mode: 0o440)
        let environment = ["CREDENTIALS_DIRECTORY": folder.path]
        let finder = folder.finder(environment)
        #expect(try await finder.find(.systemd("s3"), at: start).parts == ["AK", "s", nil])
        try folder.write("s3-session-token", "t\n", mode: 0o440)
        #expect(try await finder.find(.systemd("s3"), at: start).parts == ["AK", "s", "t"])
        let source = CredentialSource.files(
            accessKey: "\(folder.path)/s3-access-key",
            secretKey: "\(folder.path)/s3-secret-key",
            sessionToken: nil
        )
        #expect(try await finder.find(source, at: start).id == "AK")
        #expect(
            try await problem(.systemd("s3")).description.contains("LoadCredential=s3-access-key")
        )
        #expect(
            try await problem(.systemd("s4"), environment).description.contains("s4-access-key")
        )
    }

    @Test("reads the default section of a credentials file, which no one else may read")
    func credentialsFile() async throws {
        let text = "[default]\naws_access_key_id = AK\naws_secret_access_key = s\n"
        let path = try folder.write("keys", text)
        #expect(
            try await folder.finder().find(.credentialsFile(path), at: start).parts == [
                "AK", "s", nil,
            ]
        )
        try folder.write("keys", text, mode: 0o644)
        #expect(try await problem(.credentialsFile(path)) == .readableByOthers(file: path))
        try folder.write("keys", "[other]\naws_access_key_id = AK\n")
        #expect(try await problem(.credentialsFile(path)).description.contains("aws_access_key_id"))
        #expect(
            try await problem(.credentialsFile(path + "x")).description.contains("no such file")
        )
    }

    // MARK: - Settings

    @Test("reads region and endpoint from the environment first, then from the profile")
    func settings() async throws {
        try folder.write(
            ".aws/config",
            """
            [default]
            region = eu-west-1
            endpoint_url = http://one
            [profile p]
            services = local
            endpoint_url = http://two
            [services local]
            s3 =
              endpoint_url = http://three
            """
        )
        #expect(
            try folder.finder().settings()
                == ProfileSettings(region: "eu-west-1", endpointURL: "http://one")
        )
        #expect(try folder.finder(["AWS_PROFILE": "p"]).settings().endpointURL == "http://three")
        let environment = ["AWS_DEFAULT_REGION": "r2", "AWS_ENDPOINT_URL": "http://four"]
        #expect(
            try folder.finder(environment).settings(profile: "p")
                == ProfileSettings(region: "r2", endpointURL: "http://four")
        )
        let more = environment.merging(
            ["AWS_REGION": "r1", "AWS_ENDPOINT_URL_S3": "http://five"]
        ) { $1 }
        #expect(
            try folder.finder(more).settings()
                == ProfileSettings(region: "r1", endpointURL: "http://five")
        )
        #expect(throws: CredentialError.self) { try folder.finder().settings(profile: "gone") }
    }
}
