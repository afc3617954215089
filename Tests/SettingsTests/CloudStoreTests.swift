// SPDX-License-Identifier: Apache-2.0

import Jobs
import Settings
import Testing

@Suite("A store in a cloud")
struct CloudStoreTests {
    private func load(_ keys: String) throws -> (StoreSettings.Kind, path: String) {
        let store = "stores:\n  s: { \(keys) }\n"
        let folder = try ConfigFolder(ConfigFolder.start + store + ConfigFolder.sinks)
        let kind = try folder.load().configuration.stores["s"]?.kind
        return (try #require(kind), folder.path)
    }

    @Test("of kind s3 may be signed for by version 2, which needs no region")
    func oldSignature() throws {
        let (kind, _) = try load(
            "kind: s3, bucket: b, signature: v2, endpoint: \"https://s3.eu-west-1.amazonaws.com\""
        )
        let wanted = S3Settings(
            bucket: "b",
            region: "us-east-1",
            endpoint: try Endpoint("https://s3.eu-west-1.amazonaws.com"),
            style: .virtual,
            signature: .v2
        )
        #expect(kind == .s3(wanted))
    }

    @Test("of kind s3 may have its links served by CloudFront")
    func network() throws {
        let (kind, path) = try load(
            "kind: s3, bucket: b, region: eu-central-1, cdn: { kind: cloudfront, "
                + "endpoint: \"https://d1.cloudfront.net\", key_pair_id: K2JCJMDEHXQW5F, "
                + "private_key_file: cdn.pem }"
        )
        guard case .s3(let settings) = kind else { throw ConfigNotFound(lookedAt: []) }
        let wanted = CloudFrontSettings(
            endpoint: try Endpoint("https://d1.cloudfront.net"),
            keyPairID: "K2JCJMDEHXQW5F",
            privateKeyFile: "\(path)/cdn.pem"
        )
        #expect(settings.network == wanted)
    }

    @Test("of kind gcs is at Google unless it says otherwise")
    func google() throws {
        let (plain, path) = try load(
            "kind: gcs, bucket: my_bucket.example.org, credentials: { service_account_file: k.json }"
        )
        let wanted = GoogleSettings(
            bucket: "my_bucket.example.org",
            endpoint: try Endpoint("https://storage.googleapis.com"),
            style: .path,
            credentials: .serviceAccountFile("\(path)/k.json")
        )
        #expect(plain == .google(wanted))
        let (whole, folder) = try load(
            """
            kind: gcs, bucket: b, endpoint: "http://localhost:4443", addressing: virtual, \
            public_endpoint: "https://files.example.org", credentials: { systemd: media }, \
            link_credentials: { access_key_file: id, secret_key_file: secret }, ca_file: ca.pem
            """
        )
        let all = GoogleSettings(
            bucket: "b",
            endpoint: try Endpoint("http://localhost:4443"),
            publicEndpoint: try Endpoint("https://files.example.org"),
            style: .virtual,
            credentials: .systemd("media"),
            linkCredentials: .files(accessKey: "\(folder)/id", secretKey: "\(folder)/secret"),
            caFile: "\(folder)/ca.pem"
        )
        #expect(whole == .google(all))
    }

    @Test("of kind azure is found by its account")
    func azure() throws {
        let (plain, path) = try load(
            "kind: azure, account: myaccount, container: files, credentials: { account_key_file: k }"
        )
        let wanted = AzureSettings(
            account: "myaccount",
            container: "files",
            endpoint: try Endpoint("https://myaccount.blob.core.windows.net"),
            credentials: .accountKeyFile("\(path)/k")
        )
        #expect(plain == .azure(wanted))
        let (whole, _) = try load(
            """
            kind: azure, account: devstoreaccount1, container: f-1, credentials: { systemd: m }, \
            endpoint: "http://127.0.0.1:10000/devstoreaccount1"
            """
        )
        guard case .azure(let settings) = whole else { throw ConfigNotFound(lookedAt: []) }
        #expect(settings.endpoint.basePath == "/devstoreaccount1")
        #expect(settings.container == "f-1")
        #expect(settings.credentials == .systemd("m"))
    }

    @Test(
        "says what it lacks or cannot do",
        arguments: [
            ("kind: s3, bucket: b, region: a, signature: v3", "write one of: v2, v4"),
            ("kind: s3, bucket: b, signature: v2", "stores.s.region: is missing"),
            (
                "kind: gcs, bucket: b",
                "stores.s.credentials: is missing; write { service_account_file"
            ),
            ("kind: gcs, credentials: { systemd: a }", "stores.s.bucket: is missing"),
            (
                "kind: gcs, bucket: b, region: a, credentials: { systemd: a }",
                "region: is not a known"
            ),
            (
                "kind: gcs, bucket: b, credentials: env",
                "does not say where the access key comes from"
            ),
            ("kind: gcs, bucket: b, credentials: { profile: a }", "profile: is not a known key"),
            (
                "kind: gcs, bucket: b, credentials: { service_account_fil: a }",
                "did you mean \"service_account_file\"?"
            ),
            (
                "kind: gcs, bucket: b, credentials: { service_account_file: a, systemd: b }",
                "names more than one source"
            ),
            (
                "kind: gcs, bucket: b, credentials: { access_key_file: a }",
                "stores.s.credentials.secret_key_file: is missing"
            ),
            (
                "kind: gcs, bucket: b, credentials: { systemd: a }, endpoint: \"http://nas\"",
                "is plain http beyond this machine"
            ),
            ("kind: azure, account: abc, container: c", "stores.s.credentials: is missing"),
            ("kind: azure, account: abc, bucket: c", "did you mean \"container\"? move it there"),
            (
                "kind: azure, account: My-Account, container: c, credentials: { systemd: a }",
                "is not the name of a storage account"
            ),
            (
                "kind: azure, account: abc, container: a/b, credentials: { systemd: a }",
                "is not the name of a container"
            ),
            (
                "kind: azure, account: abc, container: c, credentials: { access_key_file: a }",
                "access_key_file: is not a known key"
            ),
            (
                "kind: azure, account: abc, container: c, endpont: x, credentials: { systemd: a }",
                "did you mean \"endpoint\"?"
            ),
            (
                "kind: azur, account: abc",
                "did you mean \"azure\"? write one of: local, s3, gcs, azure"
            ),
        ]
    )
    func wrong(keys: String, expected: String) throws {
        let found = try problems(stores: "s: { \(keys) }")
        #expect(found.contains { $0.contains(expected) }, "\(found)")
    }

    @Test(
        "whose links are served by a network says what that lacks or cannot do",
        arguments: [
            ("cdn: { kind: fastly }", "\"fastly\" is not one of the values known here"),
            ("cdn: {}", "stores.s.cdn.kind: is missing; write kind: cloudfront"),
            ("cdn: { kind: cloudfront }", "stores.s.cdn.key_pair_id: is missing"),
            ("cdn: { kind: cloudfront }", "stores.s.cdn.private_key_file: is missing"),
            ("cdn: { kind: cloudfront, endpoint: \"http://cdn\" }", "is plain http beyond"),
            (
                "cdn: { kind: cloudfront, key_pair_id: \"a b\" }",
                "is not the id of a CloudFront key"
            ),
            ("cdn: { kind: cloudfront, keypair_id: a }", "did you mean \"key_pair_id\"?"),
            (
                "cdn: { kind: cloudfront }, public_endpoint: \"https://x\"",
                "stores.s.public_endpoint: has no use beside cdn"
            ),
            (
                "cdn: { kind: cloudfront }, link_credentials: { profile: a }",
                "stores.s.link_credentials: has no use beside cdn"
            ),
        ]
    )
    func wrongNetwork(key: String, expected: String) throws {
        let found = try problems(stores: "s: { kind: s3, bucket: b, region: a, \(key) }")
        #expect(found.contains { $0.contains(expected) }, "\(found)")
    }

    @Test("has a network only where it is of kind s3", arguments: ["gcs", "azure", "local"])
    func networkElsewhere(kind: String) throws {
        let found = try problems(stores: "s: { kind: \(kind), cdn: { kind: cloudfront } }")
        #expect(found.contains { $0.contains("stores.s.cdn: is not a known key") }, "\(found)")
    }

    @Test(
        "never has its secret in the settings",
        arguments: [
            "kind: azure, account: abc, container: c, account_key: HUSH",
            "kind: azure, account: abc, container: c, credentials: { account_key: HUSH }",
            "kind: azure, account: abc, container: c, connection_string: HUSH",
            "kind: azure, account: abc, container: c, sas_token: HUSH",
            "kind: gcs, bucket: b, credentials: { private_key: HUSH }",
            "kind: gcs, bucket: b, service_account: HUSH",
            "kind: s3, bucket: b, region: a, cdn: { kind: cloudfront, private_key: HUSH }",
        ]
    )
    func secrets(keys: String) throws {
        let found = try problems(stores: "s: { \(keys) }")
        #expect(found.contains { $0.contains("secrets never stand in this file") }, "\(found)")
        #expect(!found.contains { $0.contains("HUSH") })
    }

    @Test(
        "keeps its key files out of watched folders",
        arguments: [
            "kind: gcs, bucket: b, credentials: { service_account_file: inbox/k.json }",
            "kind: azure, account: abc, container: c, credentials: { account_key_file: inbox/k }",
            """
            kind: s3, bucket: b, region: a, cdn: { kind: cloudfront, endpoint: "https://d", \
            key_pair_id: K, private_key_file: inbox/k.pem }
            """,
        ]
    )
    func watchedSecrets(keys: String) throws {
        let found = try problems(stores: "s: { \(keys) }")
        #expect(found.contains { $0.contains("a credentials file of the store \"s\"") }, "\(found)")
    }
}
