// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// A request that is not granted: S3's code, and a message that says what to do.
struct Refusal: Error, Hashable, Sendable {
    /// S3's error codes that this store answers with ("Error responses", Amazon S3 API Reference).
    enum Code: String, Hashable, Sendable {
        case accessDenied = "AccessDenied"
        case authorizationQueryParametersError = "AuthorizationQueryParametersError"
        case badDigest = "BadDigest"
        case entityTooLarge = "EntityTooLarge"
        case entityTooSmall = "EntityTooSmall"
        case incompleteBody = "IncompleteBody"
        case insufficientStorage = "InsufficientStorage"
        case internalError = "InternalError"
        case invalidAccessKeyID = "InvalidAccessKeyId"
        case invalidArgument = "InvalidArgument"
        case invalidDigest = "InvalidDigest"
        case invalidPart = "InvalidPart"
        case invalidPartOrder = "InvalidPartOrder"
        case invalidPolicyDocument = "InvalidPolicyDocument"
        case invalidRange = "InvalidRange"
        case invalidRequest = "InvalidRequest"
        case invalidToken = "InvalidToken"
        case invalidURI = "InvalidURI"
        case keyTooLong = "KeyTooLongError"
        case malformedPOSTRequest = "MalformedPOSTRequest"
        case malformedXML = "MalformedXML"
        case maxPostPreDataLengthExceeded = "MaxPostPreDataLengthExceededError"
        case metadataTooLarge = "MetadataTooLarge"
        case methodNotAllowed = "MethodNotAllowed"
        case missingContentLength = "MissingContentLength"
        case noSuchBucket = "NoSuchBucket"
        case noSuchKey = "NoSuchKey"
        case noSuchUpload = "NoSuchUpload"
        case notImplemented = "NotImplemented"
        case preconditionFailed = "PreconditionFailed"
        case quotaExceeded = "QuotaExceeded"
        case requestHeadersTooLarge = "RequestHeaderSectionTooLarge"
        case signatureDoesNotMatch = "SignatureDoesNotMatch"
        case slowDown = "SlowDown"
        case contentSHA256Mismatch = "XAmzContentSHA256Mismatch"

        /// The HTTP status that goes with the code.
        var status: Int {
            switch self {
            case .accessDenied, .invalidAccessKeyID, .signatureDoesNotMatch: 403
            case .noSuchBucket, .noSuchKey, .noSuchUpload: 404
            case .methodNotAllowed: 405
            case .missingContentLength: 411
            case .preconditionFailed: 412
            case .invalidRange: 416
            case .internalError: 500
            case .notImplemented: 501
            case .slowDown: 503
            case .insufficientStorage, .quotaExceeded: 507
            default: 400
            }
        }
    }

    /// What went wrong.
    var code: Code
    /// The same for people.
    var message: String
    /// More elements of the answer, such as `Expires`.
    var details: [Header] = []
    /// Headers of the answer besides the usual ones.
    var headers: [Header] = []

    init(
        _ code: Code,
        _ message: String,
        details: [Header] = [],
        headers: [Header] = []
    ) {
        self.code = code
        self.message = message
        self.details = details
        self.headers = headers
    }

    /// The answer's body.
    func xml(resource: String, requestID: String) -> [UInt8] {
        XMLText.document(
            "Error",
            [Header("Code", code.rawValue), Header("Message", message)] + details
                + [Header("Resource", resource), Header("RequestId", requestID)]
        )
    }
}

extension Refusal {
    /// What a failed system call means to a client; the errno itself goes to the log alone.
    init(_ problem: FileProblem) {
        switch problem.code {
        case ENOSPC, EDQUOT:
            self.init(
                .insufficientStorage,
                "The disk of this store is full. Free space in its folder, or move it."
            )
        case EFBIG:
            self.init(
                .entityTooLarge,
                "The file system of this store takes no file that large. Move its folder."
            )
        case EMFILE, ENFILE:
            self.init(.slowDown, "The store has too many files open. Try again.")
        default:
            self.init(
                .internalError,
                "The store could not read or write its folder. Its log says why."
            )
        }
    }
}
