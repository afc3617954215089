// SPDX-License-Identifier: Apache-2.0

import Credentials
import Jobs
import Sign

/// What `https://….cloudfront.net/path` means here: the signer for the distribution, and the object.
struct CloudFrontPlace {
    let signer: any URLSigner
    let key: ObjectKey
    let query: [QueryItem]

    init(_ target: String, _ place: PlaceOptions, _ environment: [String: String]) throws {
        try place.require(only: ["--key-pair-id", "--key-file"], for: "https://")
        guard let id = place.keyPairID, let file = place.keyFile else {
            throw CommandFailure.usage(
                "https:// is signed for CloudFront: name the public key's id by --key-pair-id and "
                    + "the private key's file by --key-file"
            )
        }
        let url = try ObjectURL(target)
        let finder = CredentialFinder(environment: environment)
        let pem = try finder.privateKey(in: file)
        do throws(SignError) {
            let key = try RSAPrivateKey(pem: pem)
            signer = CloudFrontSigner(endpoint: url.endpoint, keyPairID: id, key: key)
        } catch {
            throw CommandFailure.failed("\(file): \(error)")
        }
        key = url.key
        query = url.query
    }
}
