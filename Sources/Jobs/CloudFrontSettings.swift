// SPDX-License-Identifier: Apache-2.0

/// A CloudFront distribution in front of a bucket: it serves the links, the store takes the uploads.
public struct CloudFrontSettings: Hashable, Sendable {
    /// Where the distribution answers; what links name.
    public var endpoint: Endpoint
    /// The id that CloudFront gave the public key.
    public var keyPairID: String
    /// The file of the private key, in PEM; the path is absolute.
    public var privateKeyFile: String

    /// Makes settings of a distribution.
    public init(endpoint: Endpoint, keyPairID: String, privateKeyFile: String) {
        self.endpoint = endpoint
        self.keyPairID = keyPairID
        self.privateKeyFile = privateKeyFile
    }
}
