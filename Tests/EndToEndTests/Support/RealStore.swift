// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A real S3 server that `Tests/run.sh` started, as it tells in the environment.
struct RealStore: Sendable, CustomTestStringConvertible {
    let name: String
    let endpoint: String
    var accessKey: String
    var secretKey: String
    let region: String

    var testDescription: String { name }

    /// What tests run on; in CI a store that is missing is a failure, never a silent skip.
    static let all: [RealStore] = names.compactMap(RealStore.init)
    private static let names = ["LOCALSTACK", "RGW", "SWIFT"]

    static var areMissing: Bool { all.count < names.count }
    static var areRequired: Bool {
        ProcessInfo.processInfo.environment["PRESIGND_REQUIRE_STORES"] != "0"
    }

    /// Those whose users tests can make.
    static let ceph = all.filter { $0.name == "RGW" && cephSettings != nil }
    private static var cephSettings: String? { ProcessInfo.processInfo.environment["RGW_CONF"] }

    /// Has Ceph's tool for administrators do something.
    static func administer(_ arguments: [String]) throws {
        let settings = try #require(cephSettings)
        let all = ["radosgw-admin", "-c", settings, "-n", "client.rgw"] + arguments
        let result = try Program.run("/usr/bin/env", all)
        try #require(result.status == 0, "\(result.errors)")
    }

    init?(_ name: String) {
        let environment = ProcessInfo.processInfo.environment
        guard let endpoint = environment["\(name)_ENDPOINT"],
            let accessKey = environment["\(name)_ACCESS_KEY"],
            let secretKey = environment["\(name)_SECRET_KEY"]
        else { return nil }
        self.name = name
        self.endpoint = endpoint
        self.accessKey = accessKey
        self.secretKey = secretKey
        region = environment["\(name)_REGION"] ?? "us-east-1"
    }

    /// The YAML of this store in a config.yaml.
    func yaml(
        bucket: String,
        signature: String = "v4",
        credentials: String = "env"
    ) -> String {
        """
        { kind: s3, bucket: \(bucket), region: \(region), endpoint: "\(endpoint)", \
        addressing: path, signature: \(signature), credentials: \(credentials) }
        """
    }

    var keys: [String: String] {
        ["AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": secretKey]
    }

    /// A URL from `presignd presign --batch`; the server judges whether it is signed right.
    func url(
        _ method: String,
        bucket: String,
        key: String? = nil,
        at date: String? = nil,
        by scheme: String = "sigv4",
        headers: [String: String] = [:],
        query: [String: String] = [:]
    ) throws
        -> String
    {
        var request: [String: Any] = [
            "scheme": scheme, "method": method, "endpoint": endpoint, "bucket": bucket,
            "access_key": accessKey, "secret_key": secretKey, "expires_in": 300,
            "headers": headers, "query": query,
        ]
        if scheme == "sigv4" { request["region"] = region }
        if let key { request["key"] = key }
        if let date { request["date"] = date }
        let folder = FileManager.default.temporaryDirectory
        let file = folder.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        try (JSONSerialization.data(withJSONObject: request) + Data("\n".utf8)).write(to: file)
        let result = try Program.run(
            "/bin/sh",
            ["-c", "exec \"$0\" presign --batch < \"$1\"", Program.presignd, file.path]
        )
        let answer = try JSONSerialization.jsonObject(with: result.data) as? [String: Any]
        return try #require(answer?["url"] as? String, "\(result.output)\(result.errors)")
    }

    /// Creates a bucket; one that is there already is fine.
    func createBucket(_ bucket: String) throws {
        let answer = try Program.curl(try url("PUT", bucket: bucket), ["-X", "PUT"])
        #expect(
            [200, 409].contains(answer.status),
            "\(String(decoding: answer.body, as: UTF8.self))"
        )
    }
}
