// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
    /// Whether two byte strings are the same, in a time that does not tell where they differ.
    ///
    /// The length of a signature is no secret, so it may tell.
    func equalsInConstantTime(_ other: [UInt8]) -> Bool {
        count == other.count && zip(self, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
