// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs

/// The fields of a service SAS in the order they are signed in; an absent one is an empty line.
///
/// "Version 2020-12-06 and later" under "Construct the signature string" in "Create a service SAS",
/// Azure Storage REST API.
struct AzureSAS: Sendable {
    /// The parameters that override headers of the answer.
    static let overrideNames = ["rscc", "rscd", "rsce", "rscl", "rsct"]

    var permissions = ""
    var start = ""
    var end = ""
    /// `/blob/account/container/key`, not encoded.
    var object: [UInt8] = []
    var address = ""
    var transport = ""
    var version = ""
    /// `b` for a blob, `bs` for a snapshot, `bv` for a version, `c` for a container.
    var kind = ""
    var snapshot = ""
    var encryptionScope = ""
    /// The values of `overrideNames`.
    var overrides: [String] = []

    /// What is signed.
    var bytes: [UInt8] {
        let front = [permissions, start, end].map { Array($0.utf8) }
        let identifier: [UInt8] = []
        let end = [address, transport, version, kind, snapshot, encryptionScope] + overrides
        let lines = front + [object, identifier] + end.map { Array($0.utf8) }
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    /// The signature, base64.
    func signature(by key: SymmetricKey) -> String {
        Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key)).base64
    }

    /// The parameters that the scheme adds, without the signature; snapshot and overrides are the
    /// request's own.
    var parameters: [(name: String, value: String)] {
        [
            ("sp", permissions), ("st", start), ("se", end), ("sip", address), ("spr", transport),
            ("sv", version), ("sr", kind), ("ses", encryptionScope),
        ]
        .filter { !$0.1.isEmpty }
    }
}
