// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Which headers and parameters mean something here, and which must not be passed over in silence.
///
/// A request for something this store does not do (a tag, an encryption, a copy of a part)
/// is refused: doing only the rest of it would be wrong.
enum HeaderPolicy {
    /// The headers that are stored with an object, besides `x-amz-meta-*`.
    static let stored = [
        "content-type", "content-disposition", "cache-control", "content-encoding",
        "content-language", "expires",
    ]

    /// User metadata may have 2 KiB ("Object metadata", Amazon S3 User Guide).
    static let longestMetadata = 2_048
    /// The other stored headers together ("8 KB for the PUT request header", same page).
    static let longestHeaders = 8_192

    private static let known: Set<String> = Set(
        ChecksumAlgorithm.allCases.map(\.header) + [
            "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires",
            "x-amz-signedheaders", "x-amz-signature", "x-amz-security-token",
            "x-amz-content-sha256", "x-amz-checksum-mode", "x-amz-sdk-checksum-algorithm",
            "x-amz-user-agent", "x-amz-request-payer", "x-amz-expected-bucket-owner",
        ]
    )

    private static let subresources: Set<String> = [
        "acl", "append", "attributes", "cors", "delete", "encryption", "legal-hold", "lifecycle",
        "partNumber", "policy", "renameObject", "restore", "retention", "select", "tagging",
        "torrent", "uploadId", "uploads", "versioning", "versions",
    ]

    /// Refuses what asks for more than this store can do.
    static func check(_ call: Call, _ multipart: MultipartCall?) throws(Refusal) {
        let isCopy = CopyCall.isAsked(by: call, multipart)
        let more = multipart?.headers ?? []
        let known = isCopy ? CopyCall.headers : more
        for header in call.headers where !known.contains(header.name) { try check(header) }
        for item in call.query {
            let name = item.name.lowercased()
            if !more.contains(name) { try check(name, item.value) }
            if subresources.contains(item.name), multipart?.parameters.contains(item.name) != true {
                throw notImplemented("Parameter", item.name)
            }
            if item.name == "versionId", item.value != "null" {
                throw Refusal(.invalidArgument, "This store keeps no versions.")
            }
        }
    }

    /// Refuses a header that asks for more than this store can do.
    static func check(_ header: Header) throws(Refusal) { try check(header.name, header.value) }

    private static func check(_ name: String, _ value: String) throws(Refusal) {
        guard name.hasPrefix("x-amz-"), !known.contains(name), !name.hasPrefix("x-amz-meta-") else {
            return
        }
        switch (name, value) {
        case ("x-amz-storage-class", "STANDARD"), ("x-amz-acl", "private"),
            ("x-amz-acl", "bucket-owner-full-control"):
            return
        default: throw notImplemented("Header", name)
        }
    }

    /// The refusal of a header or a parameter that means more than this store can do.
    static func notImplemented(_ element: String, _ name: String) -> Refusal {
        Refusal(
            .notImplemented,
            "This store does not do what \(name) asks for.",
            details: [Header(element, name)]
        )
    }

    /// The headers of a PUT that are stored with the object.
    static func headersToStore(_ call: Call) throws(Refusal) -> [Header] {
        let moved = call.query.map { Header($0.name.lowercased(), $0.value) }
            .filter { isMetadata($0) && call.header($0.name) == nil }
        return try headersToStore(call.headers + moved)
    }

    /// Those of these headers, with names in lower case, that are stored with an object.
    static func headersToStore(_ given: [Header]) throws(Refusal) -> [Header] {
        var headers: [Header] = []
        for name in stored {
            let values = given.filter { $0.name == name }.map(\.value)
            if !values.isEmpty { headers.append(Header(name, values.joined(separator: ","))) }
        }
        let size = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        guard size <= longestHeaders else {
            throw Refusal(.requestHeadersTooLarge, "The headers to store exceed 8 KB.")
        }
        let metadata = try metadata(given)
        let prefix = "x-amz-meta-".utf8.count
        let metadataSize = metadata.reduce(0) {
            $0 + $1.name.utf8.count - prefix + $1.value.utf8.count
        }
        guard metadataSize <= longestMetadata else {
            throw Refusal(
                .metadataTooLarge,
                "Your metadata headers exceed the maximum allowed metadata size.",
                details: [
                    Header("Size", "\(metadataSize)"),
                    Header("MaxSizeAllowed", "\(longestMetadata)"),
                ]
            )
        }
        return headers + metadata
    }

    /// User metadata: from the headers, and from the query, where some signers move it and
    /// botocore's version 2 has it once more.
    private static func metadata(_ headers: [Header]) throws(Refusal) -> [Header] {
        var metadata: [Header] = []
        for header in headers where isMetadata(header) {
            guard isHeaderText(header.value), header.name.utf8.allSatisfy(isNameByte) else {
                throw Refusal(.invalidArgument, "\(header.name) is no text for a header.")
            }
            if let index = metadata.firstIndex(where: { $0.name == header.name }) {
                metadata[index].value += ",\(header.value)"
            } else {
                metadata.append(header)
            }
        }
        return metadata
    }

    /// The headers a GET asks for instead of the stored ones, by `response-*` parameters.
    ///
    /// They come decoded from the query, so a line break in them would be a header of its own; and
    /// text beyond ASCII is refused as S3 does, rather than sent in an encoding nobody declared.
    static func overrides(_ call: Call) throws(Refusal) -> [Header] {
        var headers: [Header] = []
        for item in call.query where item.name.hasPrefix("response-") {
            let name = String(item.name.dropFirst("response-".utf8.count))
            guard stored.contains(name) else { continue }
            guard isHeaderText(item.value), item.value.utf8.allSatisfy({ $0 < 0x80 }) else {
                throw Refusal(
                    .invalidArgument,
                    "Header value cannot be represented using ISO-8859-1.",
                    details: [
                        Header("ArgumentName", item.name), Header("ArgumentValue", item.value),
                    ]
                )
            }
            headers.append(Header(name, item.value))
        }
        return headers
    }

    private static func isMetadata(_ header: Header) -> Bool {
        header.name.hasPrefix("x-amz-meta-")
    }

    /// Whether a text can be the value of a header: one line, no control characters.
    static func isHeaderText(_ text: String) -> Bool {
        text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7f) || $0 == 0x09 }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isASCIIDigit || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
}
