// SPDX-License-Identifier: Apache-2.0

import Jobs
import Objects
import Sign
import Testing

@testable import Daemon
@testable import Transfer

@Suite("Access to a store")
struct StoreAccessTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writeSecret(Self.privateKey, to: "key.pem")
        try folder.writeSecret("AKID", to: "id")
        try folder.writeSecret("c2VjcmV0", to: "secret")
    }

    private var files: CredentialSource {
        .files(accessKey: folder["id"], secretKey: folder["secret"], sessionToken: nil)
    }

    private func access(_ kind: StoreSettings.Kind) -> StoreAccess {
        let settings = StoreSettings(name: "media", kind: kind)
        return StoreAccess(settings, state: folder.path, environment: [:])
    }

    private func s3(_ change: (inout S3Settings) throws -> Void = { _ in }) throws -> StoreAccess {
        var settings = S3Settings(
            bucket: "bucket",
            region: "eu-central-1",
            endpoint: try Endpoint("https://s3.example.org"),
            style: .path,
            credentials: files
        )
        try change(&settings)
        return access(.s3(settings))
    }

    @Test("signs uploads and links for the region that the bucket is found in, at AWS its host too")
    func region() async throws {
        let access = try s3 {
            $0.endpoint = try Endpoint("https://s3.eu-central-1.amazonaws.com")
        }
        let request = ObjectRequest(.get, ObjectKey("k"), lifetime: 60)
        func urls() async throws -> [String] {
            let now = Timestamp(seconds: 1_000)
            return [
                try await access.uploads(at: now).presign(request, at: now).url.text,
                try await access.links(at: now).presign(request, at: now).url.text,
            ]
        }
        for url in try await urls() { #expect(url.contains("%2Feu-central-1%2Fs3%2F")) }
        #expect(access.region.learn("eu-west-1", signedFor: nil))
        for url in try await urls() {
            #expect(url.hasPrefix("https://s3.eu-west-1.amazonaws.com/bucket/k?"))
            #expect(url.contains("%2Feu-west-1%2Fs3%2F"))
        }
    }

    @Test("signs uploads for the one endpoint and links for the public one, each with its port")
    func endpoints() async throws {
        let remote = try s3 {
            $0.endpoint = try Endpoint("http://10.0.0.5:9000")
            $0.publicEndpoint = try Endpoint("https://files.example.org:8443/s3")
        }
        let put = ObjectRequest(.put, ObjectKey("k"), lifetime: 60)
        #expect(
            try await url(remote.uploads(at: start), put).hasPrefix(
                "http://10.0.0.5:9000/bucket/k?"
            )
        )
        let link = try await url(remote.links(at: start), get)
        #expect(link.hasPrefix("https://files.example.org:8443/s3/bucket/k?"))
        // The port is part of the host that is signed: another port is another signature.
        let other = try s3 { $0.publicEndpoint = try Endpoint("https://files.example.org/s3") }
        let signature = try #require(link.split(separator: "X-Amz-Signature=").last)
        #expect(try await !url(other.links(at: start), get).hasSuffix(signature))
        var near = LocalStoreSettings(folder: folder["objects"])
        near.host = "0.0.0.0"
        near.port = 9_400
        near.publicEndpoint = try Endpoint("http://nas.example.org:9401")
        try folder.makeFolder("stores")
        try folder.writeSecret(
            "[default]\naws_access_key_id = AK\naws_secret_access_key = s\n",
            to: "stores/media.credentials"
        )
        let local = access(.local(near))
        #expect(
            try await url(local.uploads(at: start), put).hasPrefix("http://127.0.0.1:9400/media/k?")
        )
        #expect(
            try await url(local.links(at: start), get).hasPrefix(
                "http://nas.example.org:9401/media/k?"
            )
        )
    }

    private func google(_ source: GoogleCredentialSource) throws -> StoreAccess {
        let settings = GoogleSettings(
            bucket: "bucket",
            endpoint: try Endpoint("https://storage.googleapis.com"),
            publicEndpoint: try Endpoint("https://files.example.org"),
            credentials: source
        )
        return access(.google(settings))
    }

    private func azure(_ endpoint: String) throws -> StoreAccess {
        let settings = AzureSettings(
            account: "account",
            container: "files",
            endpoint: try Endpoint(endpoint),
            credentials: .accountKeyFile(folder["secret"])
        )
        return access(.azure(settings))
    }

    private func url(_ signer: any URLSigner, _ request: ObjectRequest) throws -> String {
        let signed = try signer.presign(request, at: start)
        return String(decoding: signed.url.reveal(), as: UTF8.self)
    }

    private let get = ObjectRequest(.get, ObjectKey("k"), lifetime: 60)

    @Test("signs by the version that the settings name")
    func versions() async throws {
        let new = try s3()
        #expect(try await new.uploads(at: start).scheme == .sigV4)
        #expect(try await new.links(at: start).scheme == .sigV4)
        let old = try s3 { $0.signature = .v2 }
        #expect(try await old.uploads(at: start).scheme == .sigV2)
        #expect(
            try await url(old.links(at: start), get).contains(
                "/bucket/k?AWSAccessKeyId=AKID&Expires="
            )
        )
    }

    @Test("signs links for CloudFront where it serves them, and uploads for the store")
    func network() async throws {
        let access = try s3 {
            $0.network = CloudFrontSettings(
                endpoint: try Endpoint("https://d1.cloudfront.net"),
                keyPairID: "K2",
                privateKeyFile: folder["key.pem"]
            )
        }
        #expect(try await access.uploads(at: start).scheme == .sigV4)
        let link = try await url(access.links(at: start), get)
        #expect(link.hasPrefix("https://d1.cloudfront.net/k?Expires="))
        #expect(link.hasSuffix("&Key-Pair-Id=K2"))
        #expect(access.uploadPlace.endpoint.host == "s3.example.org")
        #expect(access.linkPlace.dialect.words.linkSetting == "`cdn:`")
    }

    @Test("signs for Google by a service account or by an HMAC key")
    func googleKeys() async throws {
        let hmac = try google(.files(accessKey: folder["id"], secretKey: folder["secret"]))
        let link = try await url(hmac.links(at: start), get)
        #expect(link.hasPrefix("https://files.example.org/bucket/k?X-Goog-Algorithm=GOOG4-HMAC-"))
        let json = Self.privateKey.replacing("\n", with: "\\n")
        let account = #"{"type":"service_account","client_email":"me@p","private_key":"\#(json)"}"#
        try folder.writeSecret(account, to: "account.json")
        let rsa = try google(.serviceAccountFile(folder["account.json"]))
        #expect(
            try await url(rsa.uploads(at: start), get).contains(
                "GOOG4-RSA-SHA256&X-Goog-Credential=me%40p%2F"
            )
        )
    }

    @Test("gives an Azure URL no more than its request needs")
    func azureGrants() async throws {
        let access = try azure("https://account.blob.core.windows.net")
        let guarded = ObjectRequest(
            .put,
            ObjectKey("k"),
            headers: [Header("if-none-match", "*")],
            lifetime: 60
        )
        let front = "https://account.blob.core.windows.net/files/k?sp="
        #expect(try await url(access.uploads(at: start), guarded).hasPrefix(front + "c&se="))
        var open = guarded
        open.headers = []
        #expect(try await url(access.uploads(at: start), open).hasPrefix(front + "cw&se="))
        let link = try await url(access.links(at: start), get)
        #expect(link.hasPrefix(front + "r&se="))
        #expect(link.contains("&spr=https&sv=2021-08-06&sr=b&sig="))
        let local = try azure("http://127.0.0.1:10000/account")
        #expect(try await !url(local.links(at: start), get).contains("spr="))
    }

    @Test("opens an Azure version by a SAS of that version")
    func azureVersion() async throws {
        var request = get
        request.query = [QueryItem("versionid", "2026-11-23T18:00:00.0000000Z")]
        let link = try await url(
            azure("https://account.blob.core.windows.net").links(at: start),
            request
        )
        #expect(link.contains("?versionid=2026-11-23T18%3A00%3A00.0000000Z&sp=r&"))
        #expect(link.contains("&sr=bv&"))
    }

    @Test("keeps a signer as long as its key stays the same")
    func kept() async throws {
        let access = try s3()
        let first = try #require(try await access.links(at: start) as? SigV4Signer)
        let second = try await access.links(at: start) as? SigV4Signer
        #expect(first === second)
    }

    @Test("asks a program once for both sides, and again when the store refused its key")
    func oneKey() async throws {
        try folder.writeSecret(
            """
            #!/bin/sh
            echo x >> '\(folder["runs"])'
            count=$(wc -l < '\(folder["runs"])')
            printf '{"Version":1,"AccessKeyId":"AK%d","SecretAccessKey":"s",' "$count"
            printf '"Expiration":"2099-01-01T00:00:00Z"}'
            """,
            to: "tool.sh"
        )
        try folder.writeSecret(
            "[profile tool]\ncredential_process = /bin/sh '\(folder["tool.sh"])'\n",
            to: "config"
        )
        let settings = S3Settings(
            bucket: "bucket",
            region: "eu-central-1",
            endpoint: try Endpoint("https://s3.example.org"),
            style: .path,
            credentials: .profile("tool")
        )
        let access = StoreAccess(
            StoreSettings(name: "media", kind: .s3(settings)),
            state: folder.path,
            environment: ["AWS_CONFIG_FILE": folder["config"], "PATH": "/usr/bin:/bin"]
        )
        #expect(try await url(access.uploads(at: start), get).contains("X-Amz-Credential=AK1%2F"))
        #expect(try await url(access.links(at: start), get).contains("X-Amz-Credential=AK1%2F"))
        let renewed = try await access.uploads(at: start, fresh: true)
        #expect(try url(renewed, get).contains("X-Amz-Credential=AK2%2F"))
        #expect(
            try await access.linkKeyEnd(at: start) == Timestamp(rfc3339: "2099-01-01T00:00:00Z")
        )
    }

    @Test("parks the store with the reason when there is no key, or one that cannot sign")
    func failures() async throws {
        try folder.writeSecret("no key", to: "key.pem")
        let bad = try s3 {
            $0.network = CloudFrontSettings(
                endpoint: try Endpoint("https://d1.cloudfront.net"),
                keyPairID: "K2",
                privateKeyFile: folder["key.pem"]
            )
        }
        let failure = try await #require(throws: Failure.self) {
            _ = try await bad.links(at: start)
        }
        #expect(failure.advice == .parkStore && failure.code == "no-credentials")
        #expect(failure.message.hasPrefix("store media: "))
        #expect(failure.message.contains("no RSA key in PEM"))
        let missing = try google(.serviceAccountFile(folder["none"]))
        let other = try await #require(throws: Failure.self) {
            _ = try await missing.uploads(at: start)
        }
        #expect(other.message.contains("there is no such file"))
    }

    private static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCWz9wjFBJ3XysW
        0JcoP//XW8ehymkX07HcdTlYEvwjaUMFdDZ2XNTOH9YRRvH2nj0xDZs+0+nydnrm
        DbrCRLZwMw6yq5Lr4btwZvp7eyxKSBISYbARB0uK0FgUkpd6rNdVv35CK+eW/IVc
        Fkz4a0m2T1gDH7Sn4iWUS3kGLVVghaxLKoMmvulVIexsJLTVoo0QBUlJ1x+A3Z9n
        72QC4c1JJM1uzyZXYJYw5rsckPloVOQFpKaOfWLT3BqH4NobJsWc7LcSCamouFhN
        XrjpQNtnLIwVIAU9TlilWODFRkLvAs6EXrtCKBaJLabHzIvDlAsuaBzmoFWEpZFM
        xRMDvLp3AgMBAAECggEAAl56iUyH67shfKbDMR0sQjBNZwO8eeTX7uwiffkyX8YI
        CP5l2p8jsqc6YCQaqfKbaHlbvnVqv+XPkWyWyfV1XjbXHMRoNu9hV+cuOSFatUID
        kqlZMDNKowAZ2hzhZ0puyYiMDbMN3MfTunoZNG/PBR+i9M2bM2XwjC9RU+EDbdQ1
        jqucajwZbY8td04rXp83Xa34uiYrzELAGAuf5NJhncHqfdwgdDTPi6NUhKJmwy1P
        IFN+ujoIfJvAlGObLGEJ6OL4DMhPXZCW26Aeweg225TRQWF4djokmBhBkIeMCHO2
        M1OCX7LsBQ6KZ3X45PmZpm0hdu75W/a+jXwIaTf7vQKBgQDMGvw+kIqqNc6jVgIJ
        WtZ1ELUtmxKVbiqMfH+jlkS9A1vZKovAMWVlCCUC6QPHTFCnfE4laVNtJdv+TlAo
        beAC7fbQzJRJq7ExmQyX/+Z+glmm8pUXbfZdCXlLvR4h5z9fY4AD0EvjQF7g1+hn
        KoBIWCCaLkcGt53wT9LxNQmyKwKBgQC9KA6qk9aVfmnIh/1zdS5Rtp516vhGVDXo
        UxNDe9aFPBQ8zt0+hySoCJXqcL41UpSilF+RQNM/P8hc16to8jphOb7WC63I9LV7
        8V+V5r/AiOYVM8TIVjfTRCHPxR0sGJyawnMelraY/lFU6zKCG+BBpjefjJlj8+uG
        kp7a//YO5QKBgQC1FYgQdisgooaH8cnyxM4apM0p/jh5rXlAlUClQbAQxkcaIJ5G
        0Ux1W8mCkHvSuYmhXy7yEEV9RCavtIl3pSwnTTs6uxchWZvnNjOvM9IrEbk63mSa
        mewHVV1xbgOq7sER/3RXbdm2cKj88XH2/gU8qjuar05CzmvpBtlPOdA1awKBgH0l
        Jmbmfp7TTutURXQAwA9h0f7T4USubCfz5pfMM8ZcVEtS1X+L682cOIst4jnnE91o
        ar3v9JMxAL+kFIzPTZ6LlN2KRoTgmb2RmRrU2mJocEjwwi2FFVQaDICoub813U5q
        fb1sGwynnWmgXf9EsB7e+If/fnBprZaQJLdhhwqdAoGBAJnm2bHl3kYK/HZOJHwH
        G9G4GKYxWLI001bwWElhyhlrwyvS95P3gf35yP7tWudB8NR5GTUE224ucM4i22hc
        6X5jFrwWFbrcac+GjHrfRRsqwVceut8I3/GLxYQmGPDY4cenuyjSftly6geb6npo
        j22L8Y1zyvSKSDuVLErB/8k3
        -----END PRIVATE KEY-----
        """
}
