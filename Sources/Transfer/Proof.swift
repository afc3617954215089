// SPDX-License-Identifier: Apache-2.0
internal import Jobs
internal import Objects

/// Whether the store has the bytes that were sent.
enum Proof: Equatable {
    /// It has, and this is how we know.
    case proven(Integrity)
    /// It has others.
    case differs
    /// The answer does not say.
    case unknown

    /// Compares what the store says with what was sent.
    ///
    /// - Parameters:
    ///   - object: The store's answer.
    ///   - digests: Of the bytes sent.
    ///   - consent: What it proves that the store accepted the request; nothing if there was no
    ///     checksum in it.
    ///   - md5: Of the bytes sent, if it was not made while sending; called only when it decides.
    init(
        of object: StoredObject,
        _ digests: Digests,
        consent: Integrity?,
        md5: () -> [UInt8]?
    ) {
        if let checksum = object.crc64nvme {
            self = checksum == digests.crc64nvme ? .proven(consent ?? .compared) : .differs
        } else if let theirs = object.contentMD5, let md5 = digests.md5 ?? md5() {
            self = theirs == md5 ? .proven(consent ?? .compared) : .differs
        } else if let etag = object.md5, let md5 = digests.md5 ?? md5() {
            self = etag == md5 ? .proven(.etag) : .differs
        } else {
            self = consent.map { .proven($0) } ?? .unknown
        }
    }
}
