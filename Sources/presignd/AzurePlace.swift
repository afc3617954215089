// SPDX-License-Identifier: Apache-2.0

import Credentials
import Jobs
import Sign

/// What `az://container/blob` means here: the signer for the container, and the key.
///
/// Account and key are found as the Azure CLI finds them.
struct AzurePlace {
    let signer: any URLSigner
    let key: ObjectKey

    init(_ target: String, _ place: PlaceOptions, _ environment: [String: String]) throws {
        try place.require(only: ["--endpoint-url", "--account", "--key-file"], for: "az://")
        let (container, key) = try BucketPath.split(target, after: "az://")
        guard let account = place.account ?? environment["AZURE_STORAGE_ACCOUNT"] else {
            throw CommandFailure.usage(
                "az:// needs the storage account: name it by --account or AZURE_STORAGE_ACCOUNT"
            )
        }
        // It becomes part of the host.
        guard (3...24).contains(account.utf8.count),
            account.utf8.allSatisfy({ $0.isASCIIDigit || (0x61...0x7a).contains($0) })
        else {
            throw CommandFailure.usage(
                "\"\(account)\" is no storage account; its name has 3 to 24 small letters and digits"
            )
        }
        let endpoint = try Endpoint(
            place.endpointUrl ?? "https://\(account).blob.core.windows.net"
        )
        signer = AzureSigner(
            endpoint: endpoint,
            container: container,
            key: AccessKey(id: account, secret: try Self.secret(place, environment)),
            grant: AzureSigner.Grant(transport: endpoint.isSecure ? "https" : nil)
        )
        self.key = key
    }

    private static func secret(
        _ place: PlaceOptions,
        _ environment: [String: String]
    ) throws -> Secret {
        if let file = place.keyFile {
            return try CredentialFinder(environment: environment).secret(in: file)
        }
        guard let key = environment["AZURE_STORAGE_KEY"] else {
            throw CommandFailure.usage(
                "az:// is signed by the account's key: name its file by --key-file, or set "
                    + "AZURE_STORAGE_KEY"
            )
        }
        return Secret(key)
    }
}
