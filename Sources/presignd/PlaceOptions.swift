// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// Where a target is and who signs for it, where the target does not say so itself.
struct PlaceOptions: ParsableArguments {
    @Option(help: "Where the store answers, if it is not the provider's own endpoint.")
    var endpointUrl: String?

    @Option(help: "The region in the signature (s3://).")
    var region: String?

    @Option(help: "The profile of the AWS files that has the access key (s3://).")
    var profile: String?

    @Option(help: "v4, or v2 for older stores (s3://).")
    var signature: SignatureChoice?

    @Option(help: "The storage account (az://); default: AZURE_STORAGE_ACCOUNT.")
    var account: String?

    @Option(help: "The id of the key pair (https://, CloudFront).")
    var keyPairID: String?

    @Option(
        help: """
            The file with the key: a service account (gs://), the account key (az://), the private \
            key of the pair (https://).
            """
    )
    var keyFile: String?

    /// The options that were given, for a message.
    var given: [String] {
        [
            ("--endpoint-url", endpointUrl), ("--region", region), ("--profile", profile),
            ("--signature", signature?.rawValue), ("--account", account),
            ("--key-pair-id", keyPairID), ("--key-file", keyFile),
        ]
        .filter { $0.1 != nil }.map(\.0)
    }

    /// Refuses options that a target has no use for.
    func require(only known: [String], for target: String) throws {
        let other = given.filter { !known.contains($0) }
        guard other.isEmpty else {
            throw CommandFailure.usage(
                "\(other.joined(separator: ", ")) has no meaning for \(target)"
            )
        }
    }
}

/// The versions of AWS's signature.
enum SignatureChoice: String, CaseIterable, ExpressibleByArgument {
    case v2, v4
}
