// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// The dialect of Azure Blob Storage ("Put Blob", "Get Blob Properties" and "Blob service error
/// codes", Azure Storage REST API).
struct AzureDialect: DialectRules {
    let words = DialectWords(
        store: "Azure Blob Storage",
        bucket: "container",
        readRight: "the permission r",
        removeRight: "the permissions d and x",
        largestPut: "5000 MiB",
        checksumHeader: "Content-MD5",
        linkCure: "Links are signed by the account's key: check `account:`, `public_endpoint:` "
            + "where it is set, and the clock."
    )
    /// "Put Blob", Remarks: 5,000 MiB since version 2019-12-12.
    let largestPut: Int64 = 5_000 << 20
    let asksForMD5 = true
    /// A SAS covers no header, so the checksum could have been changed on the way: the store has
    /// compared it, no more.
    let consent = Integrity.compared
    let versionParameter: String? = "versionid"

    /// The version of the service that is asked for.
    static let version = "2021-08-06"
    /// Metadata names are identifiers of C#, so there is no dash in it.
    static let idHeader = "x-ms-meta-presignd_id"

    func objectHeaders(_ plan: UploadPlan) -> [Header] {
        var headers = [
            Header("x-ms-blob-content-type", plan.contentType),
            Header("x-ms-blob-content-disposition", plan.contentDisposition),
            Header(Self.idHeader, plan.id),
        ]
        func add(_ name: String, _ value: String?) {
            if let value { headers.append(Header(name, value)) }
        }
        add("x-ms-blob-cache-control", plan.object.cacheControl)
        add("x-ms-access-tier", plan.object.storageClass)
        add("x-ms-tags", plan.tagHeader(by: .azure))
        return headers + plan.metadataHeaders("x-ms-meta-")
    }

    func put(
        _ plan: UploadPlan,
        size: Int64,
        checksum: BodyChecksum?,
        guarded: Bool
    ) -> ObjectRequest {
        var headers = [
            Header("x-ms-version", Self.version),
            Header("x-ms-blob-type", "BlockBlob"),
        ]
        headers += objectHeaders(plan)
        if let md5 = checksum?.md5 { headers.append(Header("content-md5", md5.base64)) }
        if guarded { headers.append(Header("if-none-match", "*")) }
        return ObjectRequest(.put, plan.key, headers: headers, lifetime: UploadPlan.lifetime)
    }

    func head(_ key: ObjectKey) -> ObjectRequest {
        let headers = [Header("x-ms-version", Self.version)]
        return ObjectRequest(.head, key, headers: headers, lifetime: UploadPlan.lifetime)
    }

    /// `Content-MD5` comes back where it was sent, `x-ms-content-crc64` where it was not.
    func object(in answer: StoreAnswer) -> StoredObject {
        var object = StoredObject(etag: answer.etag, id: answer.header(Self.idHeader))
        object.versionID = answer.header("x-ms-version-id")
        object.contentMD5 = answer.header("content-md5").flatMap { [UInt8](base64: $0) }
        object.crc64nvme = answer.header("x-ms-content-crc64").flatMap(Self.checksum)
        object.length = answer.length
        object.hasOpaqueTag = true
        return object
    }

    /// The polynomial is CRC-64/NVME's, the bytes stand lowest first (azure-sdk-for-go,
    /// `sdk/storage/azblob/internal/shared`, and its tests of `ContentCRC64`).
    static func checksum(_ text: String) -> UInt64? {
        guard let bytes = [UInt8](base64: text), bytes.count == 8 else { return nil }
        return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The code also stands in a header, which is all that the answer to a HEAD has.
    func error(in answer: StoreAnswer) -> StoreError? {
        let code = answer.header("x-ms-error-code") ?? ""
        guard var error = StoreError(answer.body) ?? (code.isEmpty ? nil : StoreError())
        else { return nil }
        if error.code.isEmpty { error.code = code }
        if error.requestID.isEmpty { error.requestID = answer.header("x-ms-request-id") ?? "" }
        // The other details repeat what was signed.
        if Self.isAboutTime(error.detail) { error.message += " " + error.detail }
        return error
    }

    /// A SAS that may only create is told so in place of the condition.
    func isKeyTaken(_ answer: StoreAnswer, _ error: StoreError) -> Bool {
        switch error.code {
        case "BlobAlreadyExists", "UnauthorizedBlobOverwrite", "ConditionNotMet",
            "TargetConditionNotMet":
            true
        default: answer.status == 412 && error.code.isEmpty
        }
    }

    func isMissing(_ answer: StoreAnswer, _ error: StoreError) -> Bool {
        switch error.code {
        case "BlobNotFound": true
        // What the service says of a source that it does not find ("Put Blob From URL").
        case "", "CannotVerifyCopySource": answer.status == 404
        default: false
        }
    }

    func kind(of error: StoreError, in answer: StoreAnswer) -> ErrorKind? {
        guard error.code == "AuthenticationFailed" else { return AzureErrors.kind(of: error.code) }
        return Self.isAboutTime(error.message) ? .clock : .signature
    }

    private static func isAboutTime(_ text: String) -> Bool {
        text.contains("not valid in the specified time frame")
    }

    func cure(of kind: ErrorKind, _ error: StoreError, in answer: StoreAnswer) -> String? {
        AzureErrors.cure(of: kind, error.code)
    }
}
