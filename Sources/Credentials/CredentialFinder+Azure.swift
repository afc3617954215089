// SPDX-License-Identifier: Apache-2.0

public import Jobs

extension CredentialFinder {
    /// Finds the key of a storage account, in base64.
    ///
    /// - Throws: `CredentialError`, which says where it looked and what to do.
    public func find(_ source: AzureCredentialSource) throws(CredentialError) -> Secret {
        switch source {
        case .accountKeyFile(let path):
            return Secret(try privateValue(of: path))
        case .systemd(let name):
            let folder = try systemdFolder("LoadCredential=\(name)-account-key:…")
            return Secret(try privateValue(of: "\(folder)/\(name)-account-key"))
        }
    }

    /// The files whose change can change what `find` finds.
    func files(behind source: AzureCredentialSource) -> [SecretFile] {
        switch source {
        case .accountKeyFile(let path): [SecretFile(path: path)]
        case .systemd(let name): systemdFiles(name, ["account-key"])
        }
    }
}
