// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Objects

private let date = "Mon, 23 Nov 2026 18:00:00 GMT"

private let rows: [Row] = [
    Row(.put, 201, ["etag": "\"0x8DB\""], is: .done),
    Row(.put, 201, is: .failed(.parkStore, "no-etag", "is no Azure Blob Storage")),
    Row(.head, 200, ["etag": "\"0x8DB\""], is: .done),
    Row(.put, 409, code: "BlobAlreadyExists", is: .keyTaken),
    // What a SAS that may only create is told.
    Row(.put, 403, code: "UnauthorizedBlobOverwrite", is: .keyTaken),
    Row(.put, 412, code: "ConditionNotMet", is: .keyTaken),
    Row(.put, 412, code: "LeaseIdMissing", is: .failed(.giveUp, "LeaseIdMissing")),
    Row(.head, 404, ["x-ms-error-code": "BlobNotFound"], is: .missing),
    Row(.get, 404, code: "BlobNotFound", is: .missing),
    Row(
        .head,
        404,
        ["x-ms-error-code": "ContainerNotFound"],
        is: .failed(.parkStore, "ContainerNotFound", "container \"files\"")
    ),
    Row(
        .put,
        404,
        code: "ContainerNotFound",
        is: .failed(.parkStore, "ContainerNotFound", "mend `container:`")
    ),
    Row(
        .put,
        403,
        code: "AuthenticationFailed",
        "Server failed to authenticate the request.",
        "<AuthenticationErrorDetail>Signature did not match. String to sign used was cw"
            + "</AuthenticationErrorDetail>",
        is: .failed(.parkStore, "AuthenticationFailed", "Check `account:`")
    ),
    Row(
        .get,
        403,
        ["date": date],
        code: "AuthenticationFailed",
        "Server failed to authenticate the request.",
        "<AuthenticationErrorDetail>Signature not valid in the specified time frame: Start []"
            + "</AuthenticationErrorDetail>",
        is: .failed(.retry, "AuthenticationFailed", "finds the signature's time wrong")
    ),
    Row(
        .get,
        403,
        ["date": "Mon, 23 Nov 2026 17:00:00 GMT"],
        code: "AuthenticationFailed",
        "Signature not valid in the specified time frame",
        is: .failed(.parkStore, "AuthenticationFailed", "60 minutes ahead of the store's")
    ),
    Row(
        .put,
        403,
        code: "AuthorizationFailure",
        is: .failed(.parkStore, "AuthorizationFailure", "networking")
    ),
    Row(
        .put,
        403,
        code: "InsufficientAccountPermissions",
        is: .failed(.parkStore, "Insufficient", "networking")
    ),
    Row(
        .put,
        403,
        code: "KeyBasedAuthenticationNotPermitted",
        is: .failed(.parkStore, "KeyBased", "Allow storage account key access")
    ),
    Row(
        .put,
        503,
        code: "ServerBusy",
        is: .failed(.throttle(after: nil), "ServerBusy")
    ),
    Row(.put, 500, code: "OperationTimedOut", is: .failed(.retry, "OperationTimedOut")),
    Row(.put, 400, code: "Md5Mismatch", is: .failed(.resend, "Md5Mismatch")),
    Row(.put, 413, code: "RequestBodyTooLarge", is: .failed(.giveUp, "RequestBodyTooLarge")),
    Row(.head, 403, is: .failed(.parkStore, "http-403", "networking")),
    Row(
        .put,
        400,
        ["x-ms-request-id": "R7"],
        code: "InvalidHeaderValue",
        "see ?sv=1&sig=ab",
        is: .failed(.giveUp, "InvalidHeaderValue", "(not shown: it holds a signed URL)")
    ),
    Row(
        .put,
        500,
        ["x-ms-request-id": "R7"],
        code: "InternalError",
        is: .failed(.retry, "InternalError", "request R7")
    ),
]

@Suite("Azure Blob Storage")
struct AzureDialectTests {
    private let dialect = StoreDialect.azure

    @Test("is asked for one block blob, with headers of its own for what is stored")
    func put() throws {
        let job = try job(FileName("a.pdf"))
        let md5 = try #require([UInt8](hex: "25f9e794323b453885f5181f1b624d0b"))
        let request = dialect.put(
            UploadPlan(job),
            size: 9,
            checksum: BodyChecksum(crc64nvme: 1, md5: md5),
            guarded: true
        )
        #expect(
            request.headers == [
                Header("x-ms-version", "2021-08-06"),
                Header("x-ms-blob-type", "BlockBlob"),
                Header("x-ms-blob-content-type", "application/pdf"),
                Header("x-ms-blob-content-disposition", #"attachment; filename="a.pdf""#),
                Header("x-ms-meta-presignd_id", job.id.description),
                Header("content-md5", "JfnnlDI7RTiF9RgfG2JNCw=="),
                Header("if-none-match", "*"),
            ]
        )
        let plain = dialect.put(UploadPlan(job), size: 9, checksum: nil, guarded: false)
        #expect(plain.headers.count == 5)
        #expect(dialect.head(ObjectKey("k")).headers == [Header("x-ms-version", "2021-08-06")])
    }

    @Test(
        "pins the version in links where keys are overwritten or others'",
        arguments: OnExists.allCases
    )
    func link(onExists: OnExists) throws {
        let job = try job(FileName("a"), onExists: onExists)
        let query = dialect.link(job, receipt: .sample(version: "v"), lifetime: 60).query
        #expect(
            query
                == ([.overwrite, .skipIfSame].contains(onExists)
                    ? [QueryItem("versionid", "v")] : [])
        )
    }

    @Test("means", arguments: rows)
    func answers(row: Row) { row.check(dialect) }

    @Test("tells the checksums of an object, CRC-64 with its lowest byte first")
    func object() {
        let headers = [
            "etag": "\"0x8DB\"", "x-ms-version-id": "v", "x-ms-meta-presignd_id": "i",
            "content-md5": "JfnnlDI7RTiF9RgfG2JNCw==", "content-length": "9",
            // "123456789", whose CRC-64/NVME is ae8b14860a799888.
            "x-ms-content-crc64": [0x88, 0x98, 0x79, 0x0a, 0x86, 0x14, 0x8b, 0xae].base64,
        ]
        let object = StoreAnswer(status: 200) { headers[$0] }.object(as: dialect)
        #expect(object.etag == "0x8DB" && object.versionID == "v" && object.id == "i")
        #expect(object.contentMD5?.hex == "25f9e794323b453885f5181f1b624d0b")
        #expect(object.crc64nvme == 0xae8b_1486_0a79_9888)
        #expect(object.length == 9 && object.md5 == nil)
    }

    @Test("takes 5,000 MiB in one piece, and a consent for no more than a comparison")
    func limits() {
        #expect(dialect.largestPut == 5_242_880_000)
        #expect(dialect.consent == .compared)
    }
}
