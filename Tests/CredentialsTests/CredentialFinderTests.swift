// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Credentials

@Suite("Finding an access key")
struct CredentialFinderTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private static let variables = [
        "AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "hush", "AWS_SESSION_TOKEN": "t",
        "AWS_CREDENTIAL_EXPIRATION": "2026-11-23T18:00:00Z",
    ]

    private func problem(
        _ source: CredentialSource,
        _ environment: [String: String] = [:]
    ) throws -> CredentialError {
        try #require(throws: CredentialError.self) {
            _ = try folder.finder(environment).find(source)
        }
    }

    // MARK: - Environment

    @Test("reads id, secret, token and their end from the environment")
    func environment() throws {
        let key = try folder.finder(Self.variables).find(.environment)
        #expect(key.parts == ["AKENV", "hush", "t"])
        #expect(key.expiresAt == Timestamp(rfc3339: "2026-11-23T18:00:00Z"))
    }

    @Test(
        "reads the end of a key as the AWS tools write it",
        arguments: [
            "2026-11-23T18:00:00+00:00", "2026-11-23T20:30:00+02:30", "2026-11-23T17:00:00-01:00",
        ]
    )
    func offsets(text: String) throws {
        let variables = Self.variables.merging(["AWS_CREDENTIAL_EXPIRATION": text]) { $1 }
        let key = try folder.finder(variables).find(.chain)
        #expect(key.expiresAt == Timestamp(rfc3339: "2026-11-23T18:00:00Z"))
    }

    @Test(
        "refuses an end that is no time, for links must not outlive the key",
        arguments: ["soon", "2026-11-23T18:00:00"]
    )
    func badEnd(text: String) throws {
        let variables = Self.variables.merging(["AWS_CREDENTIAL_EXPIRATION": text]) { $1 }
        #expect(try problem(.chain, variables).description.contains("AWS_CREDENTIAL_EXPIRATION"))
    }

    @Test("names the variable that is missing, and takes an empty one for missing")
    func halfEnvironment() throws {
        let half = ["AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": ""]
        #expect(
            try problem(.environment, half)
                == .incomplete(place: "the environment", missing: "AWS_SECRET_ACCESS_KEY")
        )
        #expect(try problem(.chain, half).description.contains("AWS_SECRET_ACCESS_KEY"))
        #expect(try problem(.environment).description.contains("AWS_ACCESS_KEY_ID is not set"))
    }

    // MARK: - Profiles

    @Test("reads a profile from both files, and keys from the credentials file first")
    func profiles() throws {
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
        #expect(try folder.finder().find(.profile("team")).parts == ["AK1", "s1", nil])
        #expect(try folder.finder().find(.profile("other")).parts == ["AK3", "s3", "t3"])
        #expect(try folder.finder().settings(profile: "team").region == "eu-west-1")
    }

    @Test("reads the files that the environment names, from the home folder if they say so")
    func otherFiles() throws {
        let text = "[default]\naws_access_key_id=AK\naws_secret_access_key=s\n"
        let path = try folder.write("other", text, mode: 0o644)
        for name in [path, "~/other"] {
            let finder = folder.finder(["AWS_SHARED_CREDENTIALS_FILE": name])
            #expect(try finder.find(.profile("default")).parts == ["AK", "s", nil])
        }
    }

    @Test("says which files lack a profile, and which half of a key is missing")
    func badProfiles() throws {
        try folder.write(
            ".aws/credentials",
            "[half]\naws_secret_access_key=hush\n[none]\nregion=a\n"
        )
        let unknown = try problem(.profile("gone")).description
        #expect(unknown.contains("\"gone\"") && unknown.contains("\(folder.path)/.aws/credentials"))
        #expect(try problem(.profile("half")).description.contains("aws_access_key_id"))
        #expect(!(try problem(.profile("half")).description.contains("hush")))
        #expect(try problem(.profile("none")).description.contains("aws_access_key_id"))
    }

    @Test(
        "says so when a profile gets its key in a way that is not built in",
        arguments: [
            "role_arn", "sso_session", "sso_start_url", "credential_process",
            "web_identity_token_file",
        ]
    )
    func otherWays(setting: String) throws {
        try folder.write(".aws/config", "[default]\n\(setting) = x\n")
        for source in [CredentialSource.profile("default"), .chain] {
            #expect(try problem(source) == .unsupported(profile: "default", setting: setting))
        }
    }

    @Test("prefers a role over the key of the same profile, as the AWS tools do")
    func roleFirst() throws {
        try folder.write(
            ".aws/config",
            "[default]\nrole_arn = r\naws_access_key_id=AK\naws_secret_access_key=s\n"
        )
        #expect(try problem(.chain) == .unsupported(profile: "default", setting: "role_arn"))
    }

    // MARK: - The chain

    @Test("goes from the environment to the profile it names to the default profile")
    func chain() throws {
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
        #expect(try folder.finder().find(.chain).id == "AKDEF")
        #expect(try folder.finder(["AWS_PROFILE": "team"]).find(.chain).id == "AKTEAM")
        #expect(try folder.finder(Self.variables).find(.chain).id == "AKENV")
        #expect(
            try problem(.chain, ["AWS_PROFILE": "gone"])
                == .noProfile(
                    name: "gone",
                    files: ["\(folder.path)/.aws/credentials", "\(folder.path)/.aws/config"]
                )
        )
    }

    @Test("says where it looked and what to do when nothing has a key")
    func nothing() throws {
        let text = try problem(.chain).description
        for part in [
            "AWS_ACCESS_KEY_ID", "\(folder.path)/.aws/credentials", "\(folder.path)/.aws/config",
            "aws configure",
        ] {
            #expect(text.contains(part))
        }
        let homeless = CredentialFinder(environment: [:])
        #expect(throws: CredentialError.self) { try homeless.find(.chain) }
    }

    // MARK: - Files

    @Test("reads one value a file, without the newline at its end")
    func files() throws {
        let id = try folder.write("id", "AK\n", mode: 0o400)
        let secret = try folder.write("secret", "a/b+c=\r\n")
        let token = try folder.write("token", "t")
        let finder = folder.finder()
        #expect(
            try finder.find(.files(accessKey: id, secretKey: secret, sessionToken: token)).parts
                == ["AK", "a/b+c=", "t"]
        )
        #expect(
            try finder.find(.files(accessKey: id, secretKey: secret, sessionToken: nil)).parts
                == ["AK", "a/b+c=", nil]
        )
    }

    @Test("refuses files that others can read, with the command that cures it")
    func openFiles() throws {
        let id = try folder.write("id", "AK")
        for mode in [0o640, 0o604, 0o602] {
            let secret = try folder.write("secret", "hush", mode: mode)
            let source = CredentialSource.files(
                accessKey: id,
                secretKey: secret,
                sessionToken: nil
            )
            #expect(try problem(source) == .readableByOthers(file: secret))
            #expect(try problem(source).description.contains("chmod 600 '\(secret)'"))
        }
    }

    @Test(
        "refuses files that do not hold one value",
        arguments: ["", "\n", "a\nb\n", "hush hush", "\u{e9}"]
    )
    func badFiles(content: String) throws {
        let secret = try folder.write("secret", content)
        let id = try folder.write("id", "AK")
        let source = CredentialSource.files(accessKey: id, secretKey: secret, sessionToken: nil)
        let text = try problem(source).description
        #expect(text.hasPrefix(secret))
        #expect(!text.contains("hush"))
    }

    @Test("names a file that is missing, or is none")
    func missingFiles() throws {
        let id = try folder.write("id", "AK")
        for path in ["\(folder.path)/secret", folder.path] {
            let source = CredentialSource.files(accessKey: id, secretKey: path, sessionToken: nil)
            #expect(try problem(source).description.contains(path))
        }
    }

    @Test("reads what systemd hands over, though an access control list shows as group-readable")
    func systemd() throws {
        try folder.write("s3-access-key", "AK\n", mode: 0o440)
        try folder.write("s3-secret-key", "s\n", mode: 0o440)
        let environment = ["CREDENTIALS_DIRECTORY": folder.path]
        let finder = folder.finder(environment)
        #expect(try finder.find(.systemd("s3")).parts == ["AK", "s", nil])
        try folder.write("s3-session-token", "t\n", mode: 0o440)
        #expect(try finder.find(.systemd("s3")).parts == ["AK", "s", "t"])
        let source = CredentialSource.files(
            accessKey: "\(folder.path)/s3-access-key",
            secretKey: "\(folder.path)/s3-secret-key",
            sessionToken: nil
        )
        #expect(try finder.find(source).id == "AK")
        #expect(try problem(.systemd("s3")).description.contains("LoadCredential=s3-access-key"))
        #expect(try problem(.systemd("s4"), environment).description.contains("s4-access-key"))
    }

    @Test("reads the default section of a credentials file, which no one else may read")
    func credentialsFile() throws {
        let text = "[default]\naws_access_key_id = AK\naws_secret_access_key = s\n"
        let path = try folder.write("keys", text)
        #expect(try folder.finder().find(.credentialsFile(path)).parts == ["AK", "s", nil])
        try folder.write("keys", text, mode: 0o644)
        #expect(try problem(.credentialsFile(path)) == .readableByOthers(file: path))
        try folder.write("keys", "[other]\naws_access_key_id = AK\n")
        #expect(try problem(.credentialsFile(path)).description.contains("aws_access_key_id"))
        #expect(try problem(.credentialsFile(path + "x")).description.contains("no such file"))
    }

    // MARK: - Settings

    @Test("reads region and endpoint from the environment first, then from the profile")
    func settings() throws {
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
