// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What a PUT asks that copies an object of this store (CopyObject, Amazon S3 API Reference).
struct CopyCall: Sendable {
    /// The object that is copied.
    let source: ObjectKey
    /// The ETag that it must have.
    let ifMatch: String?
    /// The headers to store with the copy; nothing: those of the source.
    let headers: [Header]?
    /// The object to be.
    let target: ObjectKey
    /// Whether an object of the same key is replaced.
    let replacing: Bool

    /// The headers that mean something in it, and nothing elsewhere.
    static let headers = [
        "x-amz-copy-source", "x-amz-copy-source-if-match", "x-amz-metadata-directive",
    ]

    /// Whether a request is a copy; one of a part is none, and refused for its header.
    static func isAsked(by call: Call, _ multipart: MultipartCall?) -> Bool {
        call.method == "PUT" && multipart == nil && call.header("x-amz-copy-source") != nil
    }

    /// Reads a request that is let through; nothing if it is no copy.
    init?(_ call: Call, _ grant: Gate.Grant, _ gate: Gate) throws(Refusal) {
        guard Self.isAsked(by: call, grant.multipart), let text = call.header("x-amz-copy-source")
        else { return nil }
        source = try Self.source(text, gate)
        target = grant.key
        ifMatch = call.header("x-amz-copy-source-if-match")
        replacing = try IncomingObject.Request.replacing(call)
        guard call.header("content-length").map({ $0 == "0" }) ?? true,
            call.header("transfer-encoding") == nil
        else { throw Refusal(.invalidRequest, "A copy has no body.") }
        switch call.header("x-amz-metadata-directive") ?? "COPY" {
        case "REPLACE": headers = try HeaderPolicy.headersToStore(call)
        case "COPY" where source == target:
            throw Refusal(
                .invalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself "
                    + "without changing the object's metadata."
            )
        case "COPY": headers = nil
        default:
            throw Refusal(
                .invalidArgument,
                "Unknown metadata directive.",
                details: [Header("ArgumentName", "x-amz-metadata-directive")]
            )
        }
    }

    /// The key in `/bucket/key?versionId=…`, percent-encoded, with the first slash or without.
    private static func source(_ text: String, _ gate: Gate) throws(Refusal) -> ObjectKey {
        let parts = text.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1)
        let path = (parts.first ?? "".utf8[...]).drop { $0 == UInt8(ascii: "/") }
        let bucket = path.prefix { $0 != UInt8(ascii: "/") }
        guard let name = PercentText.decode(Array(bucket)[...]),
            let key = PercentText.decode(Array(path.dropFirst(bucket.count + 1))[...]), !key.isEmpty
        else {
            throw Refusal(
                .invalidArgument,
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                details: [Header("ArgumentName", "x-amz-copy-source")]
            )
        }
        try gate.require(name)
        try gate.require(key: key)
        guard parts.count < 2 || parts[1].elementsEqual("versionId=null".utf8) else {
            throw Refusal(.invalidArgument, "This store keeps no versions.")
        }
        return ObjectKey(bytes: key)
    }
}
