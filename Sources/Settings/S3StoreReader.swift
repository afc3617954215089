// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads a store of kind s3.
struct S3StoreReader {
    let section: Section
    let folder: String

    func read() -> S3Settings? {
        section.check(
            known: PartReader.keys + [
                "kind", "bucket", "region", "endpoint", "public_endpoint", "addressing",
                "signature",
                "credentials", "link_credentials", "cdn", "ca_file", "allow_insecure_endpoint",
            ] + TransportReader.keys
        )
        section.require("bucket", cure: "name the bucket: bucket: my-bucket")
        let bucket = section.storeName("bucket", of: "a bucket") ?? ""
        let named = section.endpoint("endpoint")
        let signature = section.choice("signature", S3Settings.Signature.self) ?? .v4
        let region = readRegion(endpoint: named, signature)
        let publicEndpoint = section.endpoint("public_endpoint")
        guard let endpoint = named ?? Self.amazon(region ?? "us-east-1") else { return nil }
        let hosts = [endpoint] + (publicEndpoint.map { [$0] } ?? [])
        let keys = CredentialReader(section: section, folder: folder)
        return S3Settings(
            bucket: bucket,
            region: region ?? "us-east-1",
            endpoint: endpoint,
            publicEndpoint: publicEndpoint,
            style: Addressing(section: section, bucket: bucket, hosts: hosts)
                .read(isVirtualHost: Self.isAmazon),
            signature: signature,
            credentials: keys.read("credentials") ?? .chain,
            linkCredentials: keys.read("link_credentials"),
            network: CloudFrontReader(store: section, folder: folder).read(),
            caFile: section.path("ca_file", in: folder)
        )
    }

    /// Required where the wrong one is refused: AWS.
    ///
    /// Other servers take `us-east-1` for their own; a signature of version 2 has no region, but
    /// without an endpoint AWS's is made from it.
    private func readRegion(
        endpoint: Endpoint?,
        _ signature: S3Settings.Signature
    ) -> String? {
        let isAmazon = endpoint.map(Self.isAmazon) ?? !section.has("endpoint")
        if isAmazon, signature == .v4 || endpoint == nil {
            section.require(
                "region",
                cure: "write the bucket's region, such as region: eu-central-1"
            )
        }
        return section.read("region") { text throws(ValueProblem) in
            let bytes = Array(text.utf8)
            let isGood = bytes.allSatisfy { byte in
                byte.isASCIIDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
            guard (1...64).contains(bytes.count), isGood else {
                throw ValueProblem("\"\(text)\" is not a region", cure: "write it as eu-central-1")
            }
            return text
        }
    }

    private static func amazon(_ region: String) -> Endpoint? {
        let china = region.hasPrefix("cn-") ? ".cn" : ""
        return Endpoint(isSecure: true, host: "s3.\(region).amazonaws.com\(china)")
    }

    static func isAmazon(_ endpoint: Endpoint) -> Bool {
        endpoint.host.hasSuffix(".amazonaws.com") || endpoint.host.hasSuffix(".amazonaws.com.cn")
    }
}
