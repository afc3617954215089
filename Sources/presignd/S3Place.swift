// SPDX-License-Identifier: Apache-2.0

import Credentials
import Jobs
import Sign

/// What `s3://bucket/key` means here: the signer for the bucket, and the key.
///
/// Endpoint, region and access key are found as the AWS tools find them.
struct S3Place {
    let signer: SigV4Signer
    let key: ObjectKey

    init(_ target: String, _ command: PresignCommand) throws {
        let path = target.dropFirst("s3://".count)
        let bucket = String(path.prefix { $0 != "/" })
        guard !bucket.isEmpty else {
            throw CommandFailure.usage("\"\(target)\" names no bucket; write s3://bucket/key")
        }
        key = ObjectKey(String(path.dropFirst(bucket.count + 1)))
        let environment = command.common.environment
        let finder = CredentialFinder(environment: environment)
        let settings = try finder.settings(profile: command.profile)
        let region =
            command.region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
            ?? settings.region ?? "us-east-1"
        let named =
            command.endpointUrl ?? environment["AWS_ENDPOINT_URL_S3"]
            ?? environment["AWS_ENDPOINT_URL"] ?? settings.endpointURL
        let suffix = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        let endpoint = try Endpoint(named ?? "https://s3.\(region).\(suffix)")
        // A host name cannot carry capitals or underscores, and AWS's certificate no dots.
        let isHostPart = bucket.utf8.allSatisfy { byte in
            byte.isASCIIDigit || byte == UInt8(ascii: "-")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        }
        let isVirtual = named == nil && isHostPart
        signer = SigV4Signer(
            endpoint: endpoint,
            style: isVirtual ? .virtual : .path,
            bucket: bucket,
            region: region,
            key: try finder.find(command.profile.map { .profile($0) } ?? .chain)
        )
    }
}
