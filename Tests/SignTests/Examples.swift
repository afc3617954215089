// SPDX-License-Identifier: Apache-2.0

import Jobs

@testable import Sign

/// What most tests sign with; the key is AWS's published example.
enum Example {
    static let now = Timestamp(seconds: 1_763_920_800, nanoseconds: 123_456_789)
    static let key = AccessKey(
        id: "AKIAIOSFODNN7EXAMPLE",
        secret: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    )

    static func signer(
        _ endpoint: Endpoint = Endpoint(isSecure: false, host: "localhost", port: 9400),
        style: AddressingStyle = .path,
        bucket: String? = "local",
        region: String = "us-east-1",
        service: String = "s3",
        key: AccessKey = key
    ) -> SigV4Signer {
        SigV4Signer(
            endpoint: endpoint,
            style: style,
            bucket: bucket,
            region: region,
            service: service,
            key: key
        )
    }
}

extension SignedRequest {
    /// The URL as text.
    var text: String { String(decoding: url.reveal(), as: UTF8.self) }

    /// The headers a server sees.
    var arriving: [Header] {
        get throws { headers + [Header("host", try SeenURL(text).host)] }
    }
}
