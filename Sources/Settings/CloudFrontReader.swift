// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads what serves the links of an s3 store in its place.
struct CloudFrontReader {
    let store: Section
    let folder: String

    private enum Kind: String, CaseIterable { case cloudfront }

    func read() -> CloudFrontSettings? {
        guard store.has("cdn"), let section = store.section("cdn") else { return nil }
        section.check(
            known: [
                "kind", "endpoint", "key_pair_id", "private_key_file", "allow_insecure_endpoint",
            ]
        )
        section.require("kind", cure: "write kind: cloudfront")
        _ = section.choice("kind", Kind.self)
        section.require(
            "endpoint",
            cure: "name the distribution: endpoint: \"https://d111111abcdef8.cloudfront.net\""
        )
        section.require(
            "key_pair_id",
            cure: "write the id of the public key, such as K2JCJMDEHXQW5F"
        )
        section.require("private_key_file", cure: "name the file of the private key, in PEM")
        refuseOtherLinks()
        // Each is read, so that a person sees all that is wrong at once.
        let endpoint = section.endpoint("endpoint")
        let keyPairID = section.read("key_pair_id", Self.keyPairID)
        let file = section.path("private_key_file", in: folder)
        guard let endpoint, let keyPairID, let file else { return nil }
        return CloudFrontSettings(endpoint: endpoint, keyPairID: keyPairID, privateKeyFile: file)
    }

    /// What links are otherwise made of would be ignored without a word.
    private func refuseOtherLinks() {
        for key in ["public_endpoint", "link_credentials"] where store.has(key) {
            store.report(
                key,
                "has no use beside cdn, which makes the links",
                cure: "remove it, or remove cdn"
            )
        }
    }

    private static func keyPairID(_ text: String) throws(ValueProblem) -> String {
        let isGood = text.utf8.allSatisfy { byte in
            byte.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        guard isGood, (1...64).contains(text.utf8.count) else {
            throw ValueProblem(
                "is not the id of a CloudFront key",
                cure: "copy it from CloudFront, Key management, Public keys: K2JCJMDEHXQW5F"
            )
        }
        return text
    }
}
