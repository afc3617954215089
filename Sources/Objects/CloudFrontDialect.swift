// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// What a CloudFront distribution in front of an S3 bucket answers to a link.
///
/// Its own errors are documents without a request id; what the bucket behind says, it passes on
/// ("Troubleshooting: signed URLs", AWS re:Post knowledge center).
struct CloudFrontDialect: DialectRules {
    private let bucket = S3Dialect()

    let words = DialectWords(
        store: "CloudFront distribution",
        bucket: "bucket",
        readRight: "s3:GetObject",
        largestPut: "5 GiB",
        checksumHeader: UploadPlan.checksumHeader,
        linkSetting: "`cdn:`",
        linkCure: "Links are signed for `cdn:` of the store: check its `endpoint:`, "
            + "`key_pair_id:` and `private_key_file:`, that the distribution may read the bucket, "
            + "and the clock."
    )
    var largestPut: Int64 { bucket.largestPut }
    var asksForMD5: Bool { bucket.asksForMD5 }
    var consent: Integrity { bucket.consent }
    /// A version reaches the bucket only if the cache policy passes it on, which nobody can tell.
    let versionParameter: String? = nil

    func objectHeaders(_ plan: UploadPlan) -> [Header] { bucket.objectHeaders(plan) }

    func put(
        _ plan: UploadPlan,
        size: Int64,
        checksum: BodyChecksum?,
        guarded: Bool
    ) -> ObjectRequest {
        bucket.put(plan, size: size, checksum: checksum, guarded: guarded)
    }

    func head(_ key: ObjectKey) -> ObjectRequest { bucket.head(key) }

    func object(in answer: StoreAnswer) -> StoredObject { bucket.object(in: answer) }

    /// CloudFront's own refusal gets a code of its own, to tell it from the bucket's.
    func error(in answer: StoreAnswer) -> StoreError? {
        var error = bucket.error(in: answer)
        if error?.code == "AccessDenied", error?.requestID.isEmpty == true {
            error?.code = "cloudfront-denied"
        }
        return error
    }

    func isMissing(_ answer: StoreAnswer, _ error: StoreError) -> Bool {
        bucket.isMissing(answer, error)
    }

    func kind(of error: StoreError, in answer: StoreAnswer) -> ErrorKind? {
        switch error.code {
        case "MissingKey", "MalformedSignature", "MalformedPolicy", "cloudfront-denied": .signature
        case "InvalidKey": .unknownKey
        default: nil
        }
    }

    func cure(of kind: ErrorKind, _ error: StoreError, in answer: StoreAnswer) -> String? {
        switch kind {
        case .signature where error.code == "MissingKey":
            "Something in front of CloudFront takes the query away: check `endpoint:` of `cdn:`."
        case .signature:
            "Check that `private_key_file:` of `cdn:` is the private half of `key_pair_id:`, that "
                + "the distribution has no geographic restriction, and the clock."
        case .unknownKey:
            "Check `key_pair_id:` of `cdn:`, and that this public key is in a key group that the "
                + "distribution's behaviour trusts."
        case .denied:
            "Let the distribution read the bucket: an origin access control and s3:GetObject in "
                + "the bucket's policy."
        case .noBucket, .region, .notAStore:
            "Check `endpoint:` of `cdn:` and the distribution's origin."
        default: nil
        }
    }
}
