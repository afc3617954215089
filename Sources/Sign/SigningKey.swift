// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The key of one day, region and service, made from a secret in four steps.
final class SigningKey: Sendable {
    /// What the key is for: `20130524/us-east-1/s3/aws4_request`.
    let scope: [UInt8]
    private let code: PreparedCode

    /// Makes the key of a day (`20130524`).
    init(
        _ secret: Secret,
        day: [UInt8],
        region: [UInt8],
        service: [UInt8],
        dialect: SignatureDialect
    ) {
        let end = Array(dialect.scopeEnd.utf8)
        let steps = [day, region, service, end]
        let first = Array((dialect.secretPrefix + secret.reveal()).utf8)
        let key = steps.reduce(first) { key, step in PreparedCode(key: key).code(of: step) }
        code = PreparedCode(key: key)
        scope = Array(steps.joined(separator: [UInt8(ascii: "/")]))
    }

    /// Begins to sign texts that all start with `front`.
    func begin(with front: [UInt8]) -> PreparedCode { code.fed(front) }
}
