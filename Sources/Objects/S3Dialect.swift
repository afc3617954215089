// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// The dialect of S3, as AWS speaks it and as the many that follow it were seen to.
struct S3Dialect: DialectRules {
    let words = DialectWords(
        store: "S3 store",
        bucket: "bucket",
        readRight: "s3:GetObject",
        largestPut: "5 GiB",
        checksumHeader: UploadPlan.checksumHeader,
        linkCure: "Links are signed for `public_endpoint:` by `link_credentials:` where these are "
            + "set: check both, their right s3:GetObject, and the clock."
    )
    /// Amazon S3 User Guide, "Uploading objects": 5 GB in a single PUT.
    let largestPut: Int64 = 5 << 30
    let asksForMD5 = false
    let consent = Integrity.signed
    let versionParameter: String? = "versionId"

    func objectHeaders(_ plan: UploadPlan) -> [Header] { plan.s3Headers }

    func put(
        _ plan: UploadPlan,
        size: Int64,
        checksum: BodyChecksum?,
        guarded: Bool
    ) -> ObjectRequest {
        plan.put(size: size, crc64nvme: checksum?.crc64nvme, guarded: guarded)
    }

    func head(_ key: ObjectKey) -> ObjectRequest {
        ObjectRequest(
            .head,
            key,
            headers: [Header("x-amz-checksum-mode", "ENABLED")],
            lifetime: UploadPlan.lifetime
        )
    }

    func object(in answer: StoreAnswer) -> StoredObject {
        let encryption = answer.header("x-amz-server-side-encryption")
        let isOpaque =
            encryption?.hasPrefix("aws:kms") == true
            || answer.header("x-amz-server-side-encryption-customer-algorithm") != nil
        var object = StoredObject(etag: answer.etag, id: answer.header(UploadPlan.idHeader))
        object.versionID = answer.header("x-amz-version-id").flatMap { $0 == "null" ? nil : $0 }
        object.crc64nvme = Self.checksum(in: answer)
        object.length = answer.length
        object.hasOpaqueTag = isOpaque
        return object
    }

    /// The checksum of the whole object; one composed of parts says nothing about the whole.
    private static func checksum(in answer: StoreAnswer) -> UInt64? {
        guard answer.header("x-amz-checksum-type") != "COMPOSITE" else { return nil }
        return answer.header(UploadPlan.checksumHeader).flatMap(UploadPlan.checksum)
    }

    func isMissing(_ answer: StoreAnswer, _ error: StoreError) -> Bool {
        switch error.code {
        case "NoSuchKey", "NoSuchVersion", "NotFound": true
        case "": answer.status == 404 || answer.header("x-amz-delete-marker") != nil
        default: false
        }
    }

    /// A code alone may mean any header, so a 400 counts only when its text names one.
    func refusal(in answer: StoreAnswer, _ error: StoreError) -> OptionalHeader?? {
        let isNotImplemented = answer.status == 501 || error.code == "NotImplemented"
        let mayName = ["InvalidArgument", "InvalidRequest", "InvalidHeader", "UnsupportedHeader"]
        guard isNotImplemented || mayName.contains(error.code) else { return nil }
        let text = (error.header + " " + error.message).lowercased()
        if text.contains("checksum") || text.contains("crc64") { return .some(.checksum) }
        if text.contains("if-none-match") || text.contains("conditional") {
            return .some(.ifNoneMatch)
        }
        return isNotImplemented ? .some(nil) : nil
    }

    func kind(of error: StoreError, in answer: StoreAnswer) -> ErrorKind? {
        let isElsewhere =
            error.code.isEmpty && answer.status == 400
            && answer.header("x-amz-bucket-region") != nil
        return isElsewhere ? .region : nil
    }

    func cure(of kind: ErrorKind, _ error: StoreError, in answer: StoreAnswer) -> String? {
        switch kind {
        case .region: Self.regionCure(answer.region(error))
        case .denied where error.message.isEmpty:
            "Check the secret key (Ceph says no more of a wrong one), and allow s3:PutObject and "
                + "s3:GetObject on the bucket for this access key."
        default: nil
        }
    }

    private static func regionCure(_ region: String?) -> String {
        guard let region else { return "Mend `region:` or `endpoint:` of the store." }
        return "Set `region: \(region)` in the store, and the endpoint of that region."
    }
}
