// SPDX-License-Identifier: Apache-2.0

import Jobs

extension IncomingObject.Request {
    /// A single PUT may have 5 GiB ("Uploading objects", Amazon S3 User Guide).
    static let largest: Int64 = 5 << 30

    /// Reads what a PUT says of its object.
    ///
    /// - Throws: `Refusal` when it asks for what is not done here or contradicts itself.
    init(_ call: Call, _ grant: Gate.Grant) throws(Refusal) {
        let payloadHash = grant.payloadHash ?? call.header("x-amz-content-sha256")
        key = grant.key
        size = try Self.length(call, atMost: Self.largest)
        try Self.refuseChunks(call, payloadHash)
        headers = try HeaderPolicy.headersToStore(call)
        checksum = try Self.checksum(call.header)
        md5 = try Self.md5(call.header)
        payloadSHA256 = try Self.payloadSHA256(payloadHash)
        replacing = try Self.replacing(call)
    }

    /// The bytes of the body, which must be told beforehand.
    static func length(_ call: Call, atMost largest: Int64) throws(Refusal) -> Int64 {
        if call.header("transfer-encoding") != nil {
            throw Refusal(
                .notImplemented,
                "A header you provided implies functionality that is not implemented.",
                details: [Header("Header", "Transfer-Encoding")]
            )
        }
        guard let text = call.header("content-length") else {
            throw Refusal(
                .missingContentLength,
                "You must provide the Content-Length HTTP header."
            )
        }
        guard let length = Int64(text), length >= 0 else {
            throw Refusal(.invalidArgument, "Content-Length is no number.")
        }
        guard length <= largest else {
            throw Refusal(
                .entityTooLarge,
                "Your proposed upload exceeds the maximum allowed size.",
                details: [
                    Header("ProposedSize", "\(length)"), Header("MaxSizeAllowed", "\(largest)"),
                ]
            )
        }
        return length
    }

    /// Bodies in signed or trailed chunks are another framing; stored as they come they would be
    /// corrupt, and unsigned trailers have been a way around signatures elsewhere (CVE-2026-40344).
    private static func refuseChunks(
        _ call: Call,
        _ payloadHash: String?
    ) throws(Refusal) {
        let encodings = (call.header("content-encoding") ?? "").lowercased().split(separator: ",")
        let isStreaming = payloadHash?.hasPrefix("STREAMING-") == true
        guard isStreaming || encodings.contains(where: { $0.trimmed == "aws-chunked" }) else {
            return
        }
        throw Refusal(
            .notImplemented,
            "Bodies in aws-chunked encoding are not implemented. Send the bytes as they are.",
            details: [Header("Header", "Content-Encoding")]
        )
    }

    /// The one checksum that is vouched for.
    static func checksum(
        _ header: (String) -> String?
    ) throws(Refusal) -> (algorithm: ChecksumAlgorithm, value: [UInt8])? {
        var found: (ChecksumAlgorithm, [UInt8])?
        for algorithm in ChecksumAlgorithm.allCases {
            guard let text = header(algorithm.header) else { continue }
            guard found == nil else {
                throw Refusal(
                    .invalidRequest,
                    "Expecting a single x-amz-checksum- header. "
                        + "Multiple checksum Types are not allowed."
                )
            }
            guard let value = [UInt8](base64: text), value.count == algorithm.length else {
                throw Refusal(
                    .invalidRequest,
                    "Value for \(algorithm.header) header is invalid."
                )
            }
            found = (algorithm, value)
        }
        if found == nil, header("x-amz-sdk-checksum-algorithm") != nil {
            throw Refusal(
                .invalidRequest,
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* "
                    + "header was found."
            )
        }
        return found
    }

    /// The MD5 that is vouched for.
    static func md5(_ header: (String) -> String?) throws(Refusal) -> [UInt8]? {
        guard let text = header("content-md5") else { return nil }
        guard let value = [UInt8](base64: text), value.count == 16 else {
            throw Refusal(.invalidDigest, "The Content-MD5 you specified was invalid.")
        }
        return value
    }

    static func payloadSHA256(_ text: String?) throws(Refusal) -> [UInt8]? {
        guard let text, text != "UNSIGNED-PAYLOAD" else { return nil }
        guard let value = [UInt8](hex: text), value.count == 32 else {
            throw Refusal(
                .invalidArgument,
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a valid sha256 value."
            )
        }
        return value
    }

    static func replacing(_ call: Call) throws(Refusal) -> Bool {
        if call.header("if-match") != nil {
            throw Refusal(
                .notImplemented,
                "If-Match on a PUT is not implemented.",
                details: [Header("Header", "If-Match")]
            )
        }
        guard let condition = call.header("if-none-match") else { return true }
        guard condition == "*" else {
            throw Refusal(
                .notImplemented,
                "If-None-Match on a PUT takes only *.",
                details: [Header("Header", "If-None-Match")]
            )
        }
        return false
    }
}
