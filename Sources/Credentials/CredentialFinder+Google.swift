// SPDX-License-Identifier: Apache-2.0

public import Jobs

extension CredentialFinder {
    /// Finds a key for Google Cloud Storage.
    ///
    /// - Throws: `CredentialError`, which says where it looked and what to do.
    public func find(_ source: GoogleCredentialSource) throws(CredentialError) -> GoogleCredential {
        switch source {
        case .serviceAccountFile(let path):
            return try serviceAccount(path)
        case .files(let accessKey, let secretKey):
            return .hmac(try files(accessKey, secretKey, nil))
        case .systemd(let name):
            let folder = try systemdFolder("LoadCredential=\(name)-service-account:…")
            let file = SecretFile(path: "\(folder)/\(name)-service-account")
            return file.stamp == nil
                ? .hmac(try systemdKey(name)) : try serviceAccount(file.path)
        }
    }

    /// The files whose change can change what `find` finds.
    func files(behind source: GoogleCredentialSource) -> [SecretFile] {
        switch source {
        case .serviceAccountFile(let path): [SecretFile(path: path)]
        case .files(let accessKey, let secretKey):
            [SecretFile(path: accessKey), SecretFile(path: secretKey)]
        case .systemd(let name):
            systemdFiles(name, ["service-account", "access-key", "secret-key"])
        }
    }

    private func serviceAccount(_ path: String) throws(CredentialError) -> GoogleCredential {
        let file = try ServiceAccountFile(try privateContent(of: path), path: path)
        return .serviceAccount(email: file.email, privateKey: file.privateKey)
    }
}
