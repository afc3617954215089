// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Credentials

@Suite("Finding a key for a cloud")
struct CloudCredentialTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private static let account = """
        { "type": "service_account", "project_id": "p", "private_key_id": "abc",
          "private_key": "-----BEGIN PRIVATE KEY-----\\nHUSH\\n-----END PRIVATE KEY-----\\n",
          "client_email": "me@p.iam.gserviceaccount.com", "client_id": "1",
          "universe_domain": "googleapis.com" }
        """
    private static let found = GoogleCredential.serviceAccount(
        email: "me@p.iam.gserviceaccount.com",
        privateKey: Secret("-----BEGIN PRIVATE KEY-----\nHUSH\n-----END PRIVATE KEY-----\n")
    )

    private func problem(
        _ source: GoogleCredentialSource,
        _ environment: [String: String] = [:]
    ) throws -> String {
        let error = try #require(throws: CredentialError.self) {
            _ = try folder.finder(environment).find(source)
        }
        return error.description
    }

    @Test("reads the file of a service account")
    func serviceAccount() throws {
        let path = try folder.write("k.json", Self.account)
        #expect(try folder.finder().find(.serviceAccountFile(path)) == Self.found)
    }

    @Test(
        "says what a file is that is no key of a service account, and shows nothing of it",
        arguments: [
            (
                #"{ "type": "authorized_user", "refresh_token": "HUSH" }"#,
                "is the login of a person (type authorized_user), which has no key to sign with"
            ),
            (#"{ "type": "external_account", "token_url": "HUSH" }"#, "has no key of its own"),
            (#"{ "type": "HUSH" }"#, "is of another type than service_account"),
            (#"{ "type": "service_account", "client_email": "HUSH" }"#, "has no private_key"),
            (#"{ "type": "service_account", "private_key": "HUSH" }"#, "has no client_email"),
            (#"["HUSH"]"#, "is a list, not an object"),
            ("-----BEGIN PRIVATE KEY-----\nHUSH", "is no JSON"), ("", "is no JSON"),
        ]
    )
    func noServiceAccount(text: String, expected: String) throws {
        let path = try folder.write("k.json", text)
        let problem = try problem(.serviceAccountFile(path))
        #expect(problem.hasPrefix("\(path) ") && problem.contains(expected), "\(problem)")
        #expect(problem.contains("gcloud iam service-accounts keys create"))
        #expect(!problem.contains("HUSH"))
    }

    @Test("takes no file that others can read")
    func mode() throws {
        let path = try folder.write("k.json", Self.account, mode: 0o640)
        #expect(try problem(.serviceAccountFile(path)).contains("run: chmod 600 '\(path)'"))
        #expect(throws: CredentialError.readableByOthers(file: path)) {
            _ = try folder.finder().privateKey(in: path)
        }
        #expect(throws: CredentialError.readableByOthers(file: path)) {
            _ = try folder.finder().find(AzureCredentialSource.accountKeyFile(path))
        }
    }

    @Test("says that a file is missing")
    func missing() throws {
        let path = "\(folder.path)/none"
        #expect(
            try problem(.serviceAccountFile(path)) == "cannot read \(path): there is no such file"
        )
        #expect(throws: CredentialError.self) { _ = try folder.finder().privateKey(in: path) }
    }

    @Test("reads an HMAC key from files of one value")
    func hmac() throws {
        let id = try folder.write("id", "GOOG1E\n")
        let secret = try folder.write("secret", "hush\n")
        let key = try folder.finder()
            .find(GoogleCredentialSource.files(accessKey: id, secretKey: secret))
        #expect(key == .hmac(AccessKey(id: "GOOG1E", secret: Secret("hush"))))
    }

    @Test("prefers a service account among systemd's credentials, which a group may read")
    func systemd() throws {
        let finder = folder.finder(["CREDENTIALS_DIRECTORY": folder.path])
        try folder.write("media-access-key", "GOOG1E", mode: 0o440)
        try folder.write("media-secret-key", "hush", mode: 0o440)
        let hmac = GoogleCredential.hmac(AccessKey(id: "GOOG1E", secret: Secret("hush")))
        #expect(try finder.find(GoogleCredentialSource.systemd("media")) == hmac)
        try folder.write("media-service-account", Self.account, mode: 0o440)
        #expect(try finder.find(GoogleCredentialSource.systemd("media")) == Self.found)
        #expect(try problem(.systemd("media")).contains("LoadCredential=media-service-account:…"))
    }

    @Test("reads the key of a storage account from a file or from systemd")
    func azure() throws {
        let path = try folder.write("media-account-key", "aHVzaA==\n")
        let finder = folder.finder(["CREDENTIALS_DIRECTORY": folder.path])
        #expect(try finder.find(AzureCredentialSource.accountKeyFile(path)).reveal() == "aHVzaA==")
        #expect(try finder.find(AzureCredentialSource.systemd("media")).reveal() == "aHVzaA==")
        let error = try #require(throws: CredentialError.self) {
            _ = try folder.finder().find(AzureCredentialSource.systemd("media"))
        }
        #expect(error.description.contains("LoadCredential=media-account-key:…"))
    }

    @Test("is done anew when a file was written anew")
    func renewal() async throws {
        let path = try folder.write("k", "b25l")
        let keys = CredentialProvider<Secret>(.accountKeyFile(path), finder: folder.finder())
        let start = Timestamp(seconds: 1_000)
        #expect(try await keys.key(at: start).reveal() == "b25l")
        try folder.write("k", "YW5vdGhlcg==")
        #expect(try await keys.key(at: start + .seconds(1)).reveal() == "YW5vdGhlcg==")
        let pem = CredentialProvider<Secret>(privateKeyFile: path, finder: folder.finder())
        #expect(try await pem.key(at: start).reveal() == "YW5vdGhlcg==")
    }
}
