// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What a request asks of an upload in parts (Amazon S3 API Reference, the actions of these names).
enum MultipartCall: Hashable, Sendable {
    /// CreateMultipartUpload.
    case create
    /// UploadPart.
    case part(Int, of: UploadID)
    /// ListParts: those after a number, and at most so many.
    case parts(of: UploadID, after: Int, most: Int)
    /// CompleteMultipartUpload.
    case complete(UploadID)
    /// AbortMultipartUpload.
    case abort(UploadID)
    /// ListMultipartUploads.
    case uploads

    /// "Amazon S3 multipart upload limits".
    static let mostParts = 10_000
    /// The same: bytes that a part has at least, unless it is the last.
    static let smallestPart: Int64 = 5 << 20
    /// Parts or uploads in one answer.
    static let page = 1_000

    /// Reads a request, or nothing when it is about no upload in parts.
    ///
    /// One `onBucket` names no object.
    init?(_ call: Call, onBucket: Bool) throws(Refusal) {
        if call.parameter("uploads") != nil {
            switch (call.method, onBucket) {
            case ("POST", false): self = .create
            case ("GET", true):
                // Version 2 does not sign the prefix, and whoever has the URL could ask for all.
                guard call.parameter("X-Amz-Signature") != nil else {
                    throw Refusal(.accessDenied, "Sign a list of uploads with version 4.")
                }
                self = .uploads
            default: throw HeaderPolicy.notImplemented("Parameter", "uploads")
            }
            return
        }
        guard !onBucket, let text = call.parameter("uploadId") else { return nil }
        let number = call.parameter("partNumber")
        guard let id = UploadID(text) else { throw .noSuchUpload(text) }
        switch call.method {
        case "PUT":
            guard let number = number.flatMap({ Int($0) }), 1...Self.mostParts ~= number else {
                throw Refusal(
                    .invalidArgument,
                    "Part number must be an integer between 1 and \(Self.mostParts), inclusive",
                    details: [Header("ArgumentName", "partNumber")]
                )
            }
            self = .part(number, of: id)
        case "GET":
            let after = try Self.count(call, "part-number-marker") ?? 0
            let most = try Self.count(call, "max-parts") ?? Self.page
            self = .parts(of: id, after: after, most: min(most, Self.page))
        case "POST": self = .complete(id)
        case "DELETE": self = .abort(id)
        default: throw .methodNotAllowed(call.method)
        }
    }

    static func count(_ call: Call, _ name: String) throws(Refusal) -> Int? {
        guard let text = call.parameter(name) else { return nil }
        guard let count = Int(text), count >= 0 else {
            throw Refusal(
                .invalidArgument,
                "\(name) must be a number that is not negative.",
                details: [Header("ArgumentName", name)]
            )
        }
        return count
    }

    /// The parameters that mean something in it, and nothing elsewhere.
    var parameters: [String] {
        switch self {
        case .create, .uploads: ["uploads"]
        case .part: ["partNumber", "uploadId"]
        case .parts, .complete, .abort: ["uploadId"]
        }
    }

    /// The headers that mean something in it, and nothing elsewhere.
    var headers: [String] {
        switch self {
        case .create: ["x-amz-checksum-algorithm", "x-amz-checksum-type"]
        case .complete: ["x-amz-checksum-type", "x-amz-mp-object-size"]
        default: []
        }
    }
}

extension Refusal {
    /// There is no upload of that name for that key.
    static func noSuchUpload(_ id: String) -> Refusal {
        Refusal(
            .noSuchUpload,
            "The specified upload does not exist. The upload ID may be invalid, or the upload may "
                + "have been aborted or completed.",
            details: [Header("UploadId", id)]
        )
    }
}
