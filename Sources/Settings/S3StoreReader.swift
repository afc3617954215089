// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads a store of kind s3.
struct S3StoreReader {
    let section: Section
    let folder: String

    /// `auto` is our word for "decide by the host".
    private enum Addressing: String, CaseIterable { case auto, path, virtual, cname }

    func read() -> S3Settings? {
        section.check(
            known: [
                "kind", "bucket", "region", "endpoint", "public_endpoint", "addressing",
                "credentials", "link_credentials", "ca_file", "allow_insecure_endpoint",
            ]
        )
        section.require("bucket", cure: "name the bucket: bucket: my-bucket")
        let bucket = section.read("bucket", Self.bucket) ?? ""
        let named = section.read("endpoint", Words.endpoint)
        let region = readRegion(endpoint: named)
        let publicEndpoint = section.read("public_endpoint", Words.endpoint)
        guard let endpoint = named ?? Self.amazon(region ?? "us-east-1") else { return nil }
        requireSecure("endpoint", endpoint)
        if let publicEndpoint { requireSecure("public_endpoint", publicEndpoint) }
        let hosts = [endpoint] + (publicEndpoint.map { [$0] } ?? [])
        return S3Settings(
            bucket: bucket,
            region: region ?? "us-east-1",
            endpoint: endpoint,
            publicEndpoint: publicEndpoint,
            style: style(bucket: bucket, hosts: hosts),
            credentials: CredentialReader(section: section, folder: folder).read("credentials")
                ?? .chain,
            linkCredentials: CredentialReader(section: section, folder: folder)
                .read("link_credentials"),
            caFile: section.path("ca_file", in: folder)
        )
    }

    private static func bucket(_ text: String) throws(ValueProblem) -> String {
        let allowed = { (byte: UInt8) in
            byte.isASCIIDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        let bytes = Array(text.utf8)
        guard (1...255).contains(bytes.count), bytes.allSatisfy(allowed), text != ".", text != ".."
        else {
            throw ValueProblem(
                "\"\(text)\" is not the name of a bucket",
                cure: "write the name alone, without s3:// and without a path"
            )
        }
        return text
    }

    /// Required where the wrong one is refused: AWS.
    ///
    /// Other servers take `us-east-1` for their own.
    private func readRegion(endpoint: Endpoint?) -> String? {
        let isAmazon = endpoint.map(Self.isAmazon) ?? !section.has("endpoint")
        if isAmazon {
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

    private static func isAmazon(_ endpoint: Endpoint) -> Bool {
        endpoint.host.hasSuffix(".amazonaws.com") || endpoint.host.hasSuffix(".amazonaws.com.cn")
    }

    private func requireSecure(_ key: String, _ endpoint: Endpoint) {
        let allowed = section.boolean("allow_insecure_endpoint") ?? false
        guard !endpoint.isSecure, !endpoint.isLoopback, !allowed else { return }
        section.report(
            key,
            "is plain http beyond this machine: anyone on the way can read files and links",
            cure: "write https://, or add allow_insecure_endpoint: true"
        )
    }

    /// `auto` is virtual for AWS and path for any other host, which need not have a DNS name for each
    /// bucket; a bucket with a dot is path on TLS, because a wildcard certificate covers no dot.
    private func style(bucket: String, hosts: [Endpoint]) -> AddressingStyle {
        let asked = section.choice("addressing", Addressing.self) ?? .auto
        let isName = bucket.utf8.allSatisfy {
            $0.isASCIIDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        }
        let isDotted = bucket.contains(".") && hosts.contains(where: \.isSecure)
        switch asked {
        case .path: return .path
        case .cname: return .cname
        case .auto:
            return hosts.allSatisfy(Self.isAmazon) && isName && !isDotted ? .virtual : .path
        case .virtual:
            if hosts.contains(where: \.isIPAddress) || !isName {
                section.report(
                    "addressing",
                    "virtual puts the bucket \"\(bucket)\" in front of the host, which is not possible "
                        + (isName ? "with an IP address" : "with this name"),
                    cure: "write addressing: path"
                )
            } else if isDotted {
                section.findings.warn(
                    section.place("addressing"),
                    "the bucket \"\(bucket)\" has a dot, which a wildcard certificate does not cover",
                    cure: "write addressing: path if TLS fails"
                )
            }
            return .virtual
        }
    }
}
