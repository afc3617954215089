// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The ways to sign a URL, by the names that a batch and `--json` know them by.
public enum SignatureScheme: String, Hashable, Sendable, CaseIterable {
    /// AWS Signature Version 4, in the query.
    case sigV4 = "sigv4"
    /// AWS Signature Version 2, in the query; older stores know no other.
    case sigV2 = "sigv2"
    /// Google Cloud Storage, V4 signing process, by an RSA or an HMAC key.
    case googleV4 = "gcs-v4"
    /// Azure Blob Storage, service SAS by the account key.
    case azureSAS = "azure-sas"
    /// Amazon CloudFront, canned or custom policy.
    case cloudFront = "cloudfront"

    /// The longest a URL may live, in seconds; nothing where the scheme sets no bound.
    ///
    /// Seven days is what Amazon S3 ("Authenticating Requests: Using Query Parameters",
    /// `X-Amz-Expires`) and Cloud Storage ("V4 signing process", `X-Goog-Expires`) accept. The others
    /// write the moment of the end itself.
    public var longestLifetime: Int? {
        switch self {
        case .sigV4, .googleV4: 604_800
        case .sigV2, .azureSAS, .cloudFront: nil
        }
    }

    /// The end of a URL's life.
    ///
    /// - Throws: `SignError` when the scheme does not allow the lifetime, or its end is no moment
    ///   that can be written down.
    func end(of lifetime: Int, from moment: Timestamp) throws(SignError) -> Timestamp {
        let longest = longestLifetime ?? Int(Self.lastSecond)
        guard (1...longest).contains(lifetime) else {
            throw .lifetime(seconds: lifetime, longest: longestLifetime)
        }
        let end = moment.seconds + Int64(lifetime)
        guard end <= Self.lastSecond else {
            throw .lifetime(seconds: lifetime, longest: longestLifetime)
        }
        return Timestamp(seconds: end)
    }

    /// 2262-01-01T00:00:00Z, shortly before nanoseconds since 1970 run out of 63 bits.
    static let lastSecond: Int64 = 9_214_646_400
}
