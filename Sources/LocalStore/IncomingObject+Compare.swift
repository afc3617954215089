// SPDX-License-Identifier: Apache-2.0

import Jobs

extension IncomingObject.Request {
    /// Compares what came with what the client vouches for.
    ///
    /// - Throws: `Refusal` when they differ.
    func compare(_ digests: BodyDigests) throws(Refusal) {
        if let md5, md5 != digests.md5Digest {
            throw Refusal(
                .badDigest,
                "The Content-MD5 you specified did not match what we received."
            )
        }
        if let payloadSHA256, payloadSHA256 != digests.sha256Digest {
            throw Refusal(
                .contentSHA256Mismatch,
                "The provided 'x-amz-content-sha256' header does not match what was computed."
            )
        }
        if let (algorithm, value) = checksum, value != digests.checksum(algorithm) {
            throw .badChecksum(algorithm)
        }
    }
}

extension Refusal {
    /// A checksum is not that of the bytes.
    static func badChecksum(_ algorithm: ChecksumAlgorithm) -> Refusal {
        Refusal(
            .badDigest,
            "The \(algorithm.rawValue.uppercased()) you specified did not match "
                + "the calculated checksum."
        )
    }
}
