// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Where the URLs of a bucket begin.
///
/// A class, because every URL borrows it: one count to raise instead of one for each of its arrays.
final class ObjectAddress: Sendable {
    /// `https://host:port`, with the bucket in front of the host if that is the style.
    let origin: [UInt8]
    /// What the `Host` header will be.
    let host: String
    /// The headers of a request without any of its own.
    let hostOnly: CanonicalHeaders
    /// The path in front of every key, without a slash at its end: `/base/bucket`, or nothing.
    let path: [UInt8]
    /// Whether a request without a key ends at `path`, because the bucket is part of it.
    let endsWithBucket: Bool

    /// Finds the place of a bucket.
    ///
    /// - Throws: `SignError` when the style needs a bucket that is missing, or that the host
    ///   cannot carry.
    init(endpoint: Endpoint, style: AddressingStyle, bucket: String?) throws(SignError) {
        var path = Array(endpoint.basePath.utf8)
        var inFront: String?
        if style != .cname {
            guard let bucket, !bucket.isEmpty else { throw .noBucket(style) }
            if style == .virtual {
                guard Self.canLead(bucket, to: endpoint.host) else {
                    throw .bucketInHost(bucket: bucket, host: endpoint.host)
                }
                inFront = bucket.lowercased()
            } else {
                path.append(UInt8(ascii: "/"))
                path.append(encodingForQuery: bucket)
            }
        }
        self.path = path
        endsWithBucket = style == .path
        host = endpoint.authority(bucket: inFront)
        hostOnly = CanonicalHeaders([Header("host", host)])
        origin = Array("\(endpoint.isSecure ? "https" : "http")://\(host)".utf8)
    }

    /// Appends the encoded path of an object, or of the bucket itself if the key is empty.
    func append(pathOf key: ObjectKey, to url: inout [UInt8]) {
        url.append(contentsOf: path)
        if key.bytes.isEmpty && endsWithBucket { return }
        url.append(UInt8(ascii: "/"))
        url.append(encoding: key.bytes[...], for: .path)
    }

    /// A bucket leads a host name only if it consists of what host names do, and never an address.
    private static func canLead(_ bucket: String, to host: String) -> Bool {
        !host.hasPrefix("[")
            && bucket.utf8.allSatisfy { URLPart.query.keeps($0) && $0 != UInt8(ascii: "~") }
    }
}
