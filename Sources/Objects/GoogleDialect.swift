// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// The dialect of Google Cloud Storage's XML API ("HTTP headers and query string parameters" and
/// "HTTP status and error codes for XML API", Cloud Storage documentation).
struct GoogleDialect: DialectRules {
    let words = DialectWords(
        store: "Google Cloud Storage",
        bucket: "bucket",
        readRight: "storage.objects.get",
        removeRight: "storage.objects.delete",
        largestPut: "5 TiB",
        checksumHeader: "x-goog-hash",
        linkCure: "Links are signed for `public_endpoint:` by `link_credentials:` where these are "
            + "set: check both, their right storage.objects.get, and the clock."
    )
    /// "Quotas and limits": 5 TiB an object, in one upload too.
    let largestPut: Int64 = 5 << 40
    let asksForMD5 = true
    let consent = Integrity.signed
    let versionParameter: String? = "generation"

    static let idHeader = "x-goog-meta-presignd-id"

    func objectHeaders(_ plan: UploadPlan) -> [Header] {
        var headers = [
            Header("content-type", plan.contentType),
            Header("content-disposition", plan.contentDisposition),
            Header(Self.idHeader, plan.id),
        ]
        func add(_ name: String, _ value: String?) {
            if let value { headers.append(Header(name, value)) }
        }
        add("cache-control", plan.object.cacheControl)
        add("x-goog-storage-class", plan.object.storageClass)
        add("x-goog-encryption-kms-key-name", plan.object.encryptionKey)
        add("x-goog-acl", plan.object.acl?.rawValue)
        return headers + plan.metadataHeaders("x-goog-meta-")
    }

    /// The length is bound by a range, as Google's front end may write `Content-Length` anew.
    ///
    /// `x-goog-if-generation-match: 0` is met only while there is no such object.
    func put(
        _ plan: UploadPlan,
        size: Int64,
        checksum: BodyChecksum?,
        guarded: Bool
    ) -> ObjectRequest {
        var headers =
            objectHeaders(plan) + [Header("x-goog-content-length-range", "\(size),\(size)")]
        if let md5 = checksum?.md5 { headers.append(Header("content-md5", md5.base64)) }
        if guarded { headers.append(Header("x-goog-if-generation-match", "0")) }
        return ObjectRequest(.put, plan.key, headers: headers, lifetime: UploadPlan.lifetime)
    }

    func head(_ key: ObjectKey) -> ObjectRequest {
        ObjectRequest(.head, key, lifetime: UploadPlan.lifetime)
    }

    /// The ETag of an object is not promised to be an MD5 ("Hashes and ETags: best practices").
    func object(in answer: StoreAnswer) -> StoredObject {
        var object = StoredObject(etag: answer.etag, id: answer.header(Self.idHeader))
        object.versionID = answer.header("x-goog-generation")
        object.contentMD5 = Self.md5(in: answer)
        object.length = answer.length
        object.hasOpaqueTag = true
        return object
    }

    /// `x-goog-hash: crc32c=n03x6A==,md5=Ojk9c3dhfxgoKVVHYwFbHQ==`, in one line or in two.
    private static func md5(in answer: StoreAnswer) -> [UInt8]? {
        for line in answer.values("x-goog-hash") {
            for part in line.split(separator: ",") {
                let hash = part.drop { $0 == " " }
                if hash.hasPrefix("md5=") { return [UInt8](base64: String(hash.dropFirst(4))) }
            }
        }
        return nil
    }

    /// What is really the matter often stands in the details only.
    func error(in answer: StoreAnswer) -> StoreError? {
        var error = StoreError(answer.body)
        if let detail = error?.detail, !detail.isEmpty { error?.message += " " + detail }
        return error
    }

    func kind(of error: StoreError, in answer: StoreAnswer) -> ErrorKind? {
        switch error.code {
        // What AWS says of a session token, Google says of a URL (floci-gcp#32).
        case "ExpiredToken": .clock
        case "AuthenticationRequired": .signature
        case "RateLimitExceeded": .throttling
        case "UserProjectMissing", "UserProjectAccountProblem", "BillingDisabled": .account
        case "RetentionPolicyNotMet", "ObjectUnderActiveHold": .permanent
        default: nil
        }
    }

    func cure(of kind: ErrorKind, _ error: StoreError, in answer: StoreAnswer) -> String? {
        switch kind {
        case .signature:
            "Check the key in `credentials:`, and that no proxy in front changes host or path."
        case .unknownKey, .expiredCredentials:
            "Check that the key in `credentials:` still exists and is not disabled."
        case .denied:
            "Grant the account of `credentials:` the role Storage Object User on the bucket."
        case .region:
            "Mend `endpoint:` of the store."
        case .account:
            "Look into the bucket's project: its billing, and whether requests must name a payer."
        default: nil
        }
    }
}
