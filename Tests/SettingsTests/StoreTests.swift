// SPDX-License-Identifier: Apache-2.0

import Jobs
import Settings
import Testing

@Suite("A store of the settings")
struct StoreTests {
    private func s3(_ keys: String) throws -> S3Settings {
        let store = "stores:\n  s: { kind: s3, \(keys) }\n"
        let folder = try ConfigFolder(ConfigFolder.start + store + ConfigFolder.sinks)
        let kind = try folder.load().configuration.stores["s"]?.kind
        guard case .s3(let settings) = kind else { throw ConfigNotFound(lookedAt: []) }
        return settings
    }

    @Test("at AWS has its region's endpoint and the bucket in front")
    func amazon() throws {
        let plain = try s3("bucket: my-bucket, region: eu-central-1")
        #expect(plain.endpoint.description == "https://s3.eu-central-1.amazonaws.com")
        #expect(plain.style == .virtual)
        #expect(plain.credentials == .chain)
        let china = try s3("bucket: b, region: cn-north-1")
        #expect(china.endpoint.description == "https://s3.cn-north-1.amazonaws.com.cn")
        #expect(china.style == .virtual)
    }

    @Test(
        "decides by the host where the bucket stands",
        arguments: [
            ("bucket: my.bucket, region: eu-central-1", AddressingStyle.path),
            ("bucket: b, endpoint: \"http://localhost:4566\"", .path),
            ("bucket: b, endpoint: \"https://192.0.2.7\"", .path),
            ("bucket: b, endpoint: \"https://minio.example.org\"", .path),
            ("bucket: b, endpoint: \"https://minio.example.org\", addressing: virtual", .virtual),
            ("bucket: b, endpoint: \"https://files.example.org\", addressing: cname", .cname),
            ("bucket: b, region: eu-west-1, addressing: path", .path),
            ("bucket: B_1, region: us-east-1", .path),
        ]
    )
    func addressing(keys: String, style: AddressingStyle) throws {
        #expect(try s3(keys).style == style)
    }

    @Test(
        "says what it lacks or cannot do",
        arguments: [
            ("bucket: b", "stores.s.region: is missing"),
            ("bucket: b, endpoint: \"https://s3.eu-west-1.amazonaws.com\"", "region: is missing"),
            ("region: eu-west-1", "stores.s.bucket: is missing"),
            ("bucket: \"s3://b\", region: a", "without s3://"),
            ("bucket: b, region: \"a b\"", "is not a region"),
            ("bucket: b, endpoint: minio", "must begin with http:// or https://"),
            ("bucket: b, endpoint: \"http://nas\"", "stores.s.endpoint: is plain http beyond"),
            (
                "bucket: b, endpoint: \"http://localhost\", public_endpoint: \"http://nas\"",
                "stores.s.public_endpoint: is plain http beyond"
            ),
            (
                "bucket: b, endpoint: \"http://nas\", allow_insecure_endpoint: yes",
                "\"yes\" is not one of the values known here; write one of: true, false"
            ),
            ("bucket: b, endpoint: \"https://[::1]\", addressing: virtual", "with an IP address"),
            ("bucket: b, region: a, addressing: vhost", "write one of: auto, path, virtual, cname"),
            ("bucket: b, region: a, credentials: {}", "names no source"),
            (
                "bucket: b, region: a, credentials: { profile: a, systemd: b }",
                "more than one source"
            ),
            (
                "bucket: b, region: a, credentials: { access_key_file: a }",
                "stores.s.credentials.secret_key_file: is missing"
            ),
        ]
    )
    func wrong(keys: String, expected: String) throws {
        let found = try problems(stores: "s: { kind: s3, \(keys) }")
        #expect(found.contains { $0.contains(expected) }, "\(found)")
    }

    @Test(
        "of kind local listens on loopback, or says by which name links find it",
        arguments: [
            ("9500", nil), ("\"127.0.0.9:9500\"", nil), ("\"localhost:9500\"", nil),
            ("\"[::1]:9500\"", nil),
            ("\"0.0.0.0:9500\"", "add public_endpoint: \"http://NAME:9500\""),
            ("\"[::]:9500\"", "add public_endpoint"), ("\"nas:9500\"", "add public_endpoint"),
            ("\":9500\"", "is not an address to listen on"), ("\"::1:9500\"", "is not an address"),
            ("\"a:b\"", "is not an address"), ("0", "cannot stand in a link"),
            ("70000", "cannot stand"),
            ("\"127.0.0.1:9400\"", "is the address of the store \"local\" too"),
        ] as [(String, String?)]
    )
    func listen(value: String, expected: String?) throws {
        let found = try problems(stores: "b: { kind: local, folder: ./b, listen: \(value) }")
        if let expected {
            #expect(found.contains { $0.contains(expected) }, "\(found)")
        } else {
            #expect(found.isEmpty, "\(found)")
        }
    }

    @Test("must be there, with a good name and a kind")
    func names() throws {
        #expect(
            try problems(ConfigFolder.start + ConfigFolder.sinks).contains {
                $0.hasPrefix("config.yaml:1: stores: is missing; a store is where objects go")
            }
        )
        #expect(
            try problems(stores: "B: { kind: local, folder: b, listen: 1 }").first?
                .hasPrefix("config.yaml:4: stores.B: \"B\" is not a name") == true
        )
        #expect(
            try problems(stores: "b: { folder: b }").first?.contains(
                "write kind: local or kind: s3"
            ) == true
        )
        #expect(
            try problems(stores: "b: { kind: locale }").first?.contains("did you mean \"local\"?")
                == true
        )
    }
}
