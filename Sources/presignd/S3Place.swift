// SPDX-License-Identifier: Apache-2.0

import Credentials
import Daemon
import Jobs
import Sign

/// What `s3://bucket/key` means here: the signer for the bucket, and the key.
///
/// Endpoint, region and access key are found as the AWS tools find them.
struct S3Place {
    let signer: any URLSigner
    let key: ObjectKey
    /// When the key that signs ends, if it is a temporary one.
    let keyEnd: Timestamp?

    init(_ target: String, _ place: PlaceOptions, _ environment: [String: String]) async throws {
        try place.require(
            only: ["--endpoint-url", "--region", "--profile", "--signature"],
            for: "s3://"
        )
        let bucket: String
        (bucket, key) = try BucketPath.split(target, after: "s3://")
        let settings = try CredentialFinder(environment: environment).settings(
            profile: place.profile
        )
        let region =
            place.region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
            ?? settings.region ?? "us-east-1"
        let named =
            place.endpointUrl ?? environment["AWS_ENDPOINT_URL_S3"]
            ?? environment["AWS_ENDPOINT_URL"] ?? settings.endpointURL
        let suffix = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        let endpoint = try Endpoint(named ?? "https://s3.\(region).\(suffix)")
        // A host name cannot carry capitals or underscores, and AWS's certificate no dots.
        let isHostPart = bucket.utf8.allSatisfy { byte in
            byte.isASCIIDigit || byte == UInt8(ascii: "-")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        }
        let isVirtual = named == nil && isHostPart
        let style: AddressingStyle = isVirtual ? .virtual : .path
        let accessKey = try await CredentialFinder(environment: environment, store: endpoint)
            .find(place.profile.map { .profile($0) } ?? .chain, at: WallClock.now())
        keyEnd = accessKey.expiresAt
        switch place.signature ?? .v4 {
        case .v2:
            signer = SigV2Signer(endpoint: endpoint, style: style, bucket: bucket, key: accessKey)
        case .v4:
            signer = SigV4Signer(
                endpoint: endpoint,
                style: style,
                bucket: bucket,
                region: region,
                key: accessKey
            )
        }
    }
}
