// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The version of AWS's signature that a URL says it has.
enum SignatureVersion: Hashable, Sendable {
    case two
    case four

    /// The parameters that only a URL of the version has; `Expires` alone says nothing.
    private var marks: [String] {
        switch self {
        case .two: ["AWSAccessKeyId", "Signature"]
        case .four: ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"]
        }
    }

    /// Finds the one way in which a request is signed.
    ///
    /// Two at once are refused, as S3 does: one check would pass over what the other covers.
    ///
    /// - Throws: `SignatureRefusal` when the request is signed in no way, in several, or by a header.
    init(of query: QueryParameters, _ headers: [Header]) throws(SignatureRefusal) {
        let versions = [SignatureVersion.two, .four].filter { query.hasAny(of: $0.marks) }
        let hasHeader = headers.contains { $0.isNamed("authorization") }
        guard let version = versions.first else {
            throw SignatureRefusal(
                .accessDenied,
                "Access Denied. This store takes signed URLs only"
                    + (hasHeader ? ", no Authorization header." : ".")
            )
        }
        guard versions.count == 1, !hasHeader else {
            throw SignatureRefusal(
                .invalidArgument,
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
                    + "Signature query string parameter or the Authorization header should be "
                    + "specified"
            )
        }
        self = version
    }
}
