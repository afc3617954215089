// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads a store of kind azure.
struct AzureStoreReader {
    let section: Section
    let folder: String

    private static let cure = "write { account_key_file: PATH } or { systemd: NAME }"

    func read() -> AzureSettings? {
        section.check(
            known: PartReader.keys + [
                "kind", "account", "container", "endpoint", "public_endpoint", "credentials",
                "ca_file", "allow_insecure_endpoint",
            ] + TransportReader.keys,
            moved: ["bucket": "container"]
        )
        section.require("account", cure: "name the storage account: account: myaccount")
        section.require("container", cure: "name the container: container: my-container")
        section.require("credentials", cure: Self.cure)
        let account = section.read("account", Self.account)
        let container = section.storeName("container", of: "a container")
        let named = section.endpoint("endpoint")
        let publicEndpoint = section.endpoint("public_endpoint")
        let caFile = section.path("ca_file", in: folder)
        guard let credentials = readCredentials(), let account, let container else { return nil }
        return AzureSettings(
            account: account,
            container: container,
            endpoint: named
                ?? Endpoint(isSecure: true, host: "\(account).blob.core.windows.net"),
            publicEndpoint: publicEndpoint,
            credentials: credentials,
            caFile: caFile
        )
    }

    /// "Storage account overview", section "Storage account name": 3 to 24 letters and digits.
    ///
    /// The host is made from it, so nothing else may be in it.
    private static func account(_ text: String) throws(ValueProblem) -> String {
        let isGood = text.utf8.allSatisfy { byte in
            byte.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        }
        guard isGood, (3...24).contains(text.utf8.count) else {
            throw ValueProblem(
                "\"\(text)\" is not the name of a storage account",
                cure: "write its 3 to 24 small letters and digits, without a domain"
            )
        }
        return text
    }

    private func readCredentials() -> AzureCredentialSource? {
        let reader = CredentialReader(section: section, folder: folder, cure: Self.cure)
        guard let source = reader.mapping("credentials") else { return nil }
        source.check(known: ["account_key_file", "systemd"])
        switch reader.form(of: source, [["account_key_file"], ["systemd"]]) {
        case 0:
            return source.path("account_key_file", in: folder).map { .accountKeyFile($0) }
        case 1:
            return source.read("systemd", CredentialReader.part).map { .systemd($0) }
        default:
            return nil
        }
    }
}
