// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Where STS answers, and by which region it is signed.
struct TokenServicePlace: Hashable, Sendable {
    var endpoint: Endpoint
    var region: String
    /// A file of certificates to trust besides the system's.
    var caFile: String?

    /// Finds out as the AWS tools do.
    ///
    /// Endpoint: `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL`, the profile's (that of its `services`
    /// section first), else that of the region, and without a region the global one.
    ///
    /// - Parameters:
    ///   - environment: the variables of the process.
    ///   - settings: those of the profile that has the role, if it stands in one.
    ///   - region: the region of the profile that was asked for, where the role's has none.
    ///   - plainHost: the host of a store that may be reached without TLS.
    /// - Throws: `CredentialError.badSetting` for what is no endpoint, or one that would carry keys
    ///   in plain text over the network.
    init(
        _ environment: Environment,
        _ settings: Profile?,
        region: String?,
        plainHost: String?
    ) throws(CredentialError) {
        let region =
            environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? settings?["region"]
            ?? region
        if let region {
            let isGood = region.utf8.allSatisfy { byte in
                byte.isASCIIDigit || byte == UInt8(ascii: "-")
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            }
            guard isGood, region.utf8.count <= 64 else {
                throw Self.bad(settings, "region", "a region such as eu-central-1")
            }
        }
        caFile = environment["AWS_CA_BUNDLE"] ?? settings?["ca_bundle"]
        self.region = region ?? "us-east-1"
        let named =
            environment["AWS_ENDPOINT_URL_STS"] ?? environment["AWS_ENDPOINT_URL"]
            ?? settings?["services.sts"] ?? settings?["endpoint_url"]
        guard let named else {
            let mode =
                environment["AWS_STS_REGIONAL_ENDPOINTS"] ?? settings?["sts_regional_endpoints"]
            endpoint = Endpoint(isSecure: true, host: Self.host(of: region, mode: mode))
            if endpoint.host == Self.global { self.region = "us-east-1" }
            return
        }
        guard let endpoint = try? Endpoint(named) else {
            throw Self.bad(settings, "the endpoint of STS", "an http(s)://host[:port] URL")
        }
        guard endpoint.isSecure || endpoint.isLoopback || endpoint.host == plainHost else {
            throw Self.bad(
                settings,
                "the endpoint of STS (\(endpoint))",
                "https://, for its answer is a key (http:// is taken on this machine, and on the "
                    + "host of a store with allow_insecure_endpoint)"
            )
        }
        self.endpoint = endpoint
    }

    private static let global = "sts.amazonaws.com"

    /// The regions that `sts_regional_endpoints = legacy` sends to the global endpoint.
    private static let old: Set<String> = [
        "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "aws-global",
        "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3",
        "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
    ]

    private static func host(of region: String?, mode: String?) -> String {
        guard let region, region != "aws-global" else { return global }
        if mode?.lowercased() == "legacy", old.contains(region) { return global }
        return "sts.\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")"
    }

    private static func bad(
        _ settings: Profile?,
        _ setting: String,
        _ wanted: String
    ) -> CredentialError {
        .badSetting(place: settings?.place ?? "the environment", setting: setting, wanted: wanted)
    }
}
