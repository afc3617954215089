// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension UploadPlan {
    /// The metadata that tells our own object from another's after a lost answer.
    public static let idHeader = "x-amz-meta-presignd-id"
    /// The checksum header, in a request and in an answer.
    public static let checksumHeader = "x-amz-checksum-crc64nvme"

    /// The PUT request to an S3 store.
    ///
    /// Size and checksum are inside the signature, so that whoever gets hold of the URL within its
    /// lifetime can store these bytes and no others (aws-sdk-js#643).
    /// `Content-Length` must be among the signed headers yet is written by the transport itself.
    ///
    /// - Parameters:
    ///   - size: Bytes of the body.
    ///   - crc64nvme: The checksum of the body, if it is known before the body is sent.
    ///   - guarded: Whether to send `If-None-Match: *`.
    /// - Returns: The request, to be signed for now.
    public func put(size: Int64, crc64nvme: UInt64?, guarded: Bool) -> ObjectRequest {
        var headers = s3Headers + [Header("content-length", String(size))]
        if let crc64nvme {
            headers.append(Header(Self.checksumHeader, Self.checksumText(crc64nvme)))
        }
        if guarded { headers.append(Header("if-none-match", "*")) }
        return ObjectRequest(.put, key, headers: headers, lifetime: Self.lifetime)
    }

    /// What is stored on the object, as headers of the request that makes it.
    var s3Headers: [Header] {
        var headers = [
            Header("content-type", contentType),
            Header("content-disposition", contentDisposition),
            Header(Self.idHeader, id),
        ]
        func add(_ name: String, _ value: String?) {
            if let value { headers.append(Header(name, value)) }
        }
        add("cache-control", object.cacheControl)
        add("x-amz-storage-class", object.storageClass)
        add("x-amz-server-side-encryption", object.encryption?.rawValue)
        add("x-amz-server-side-encryption-aws-kms-key-id", object.encryptionKey)
        add("x-amz-acl", object.acl?.rawValue)
        add("x-amz-tagging", tagHeader(by: .s3))
        return headers + metadataHeaders("x-amz-meta-")
    }

    /// A CRC-64/NVME as headers carry it: base64 of its eight bytes, the highest first.
    public static func checksumText(_ crc64nvme: UInt64) -> String {
        stride(from: 56, through: 0, by: -8)
            .map { UInt8(truncatingIfNeeded: crc64nvme >> UInt64($0)) }.base64
    }

    /// Reads what `checksumText` writes, or nothing.
    static func checksum(_ text: String) -> UInt64? {
        guard let bytes = [UInt8](base64: text), bytes.count == 8 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
