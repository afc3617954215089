// SPDX-License-Identifier: Apache-2.0

public import Jobs

extension CredentialFinder {
    /// Reads a private key in PEM; whether it is one is for whoever signs with it to say.
    ///
    /// - Throws: `CredentialError` when the file cannot be read, or others can read it too.
    public func privateKey(in path: String) throws(CredentialError) -> Secret {
        let content = try privateContent(of: path)
        guard let text = String(validating: content, as: UTF8.self), !text.isEmpty else {
            throw .noValue(file: path, problem: "holds no text")
        }
        return Secret(text)
    }

    /// Reads a secret that stands in a file of its own.
    ///
    /// - Throws: `CredentialError` when the file cannot be read, holds more than one value, or others
    ///   can read it too.
    public func secret(in path: String) throws(CredentialError) -> Secret {
        Secret(try privateValue(of: path))
    }

    /// The one value that a file holds which nobody else may read.
    func privateValue(of path: String) throws(CredentialError) -> String {
        try SecretFile(path: path).value(isPrivate: !isSystemd(path))
    }

    /// The content of a file that nobody else may read.
    func privateContent(of path: String) throws(CredentialError) -> [UInt8] {
        guard let content = try SecretFile(path: path).content(isPrivate: !isSystemd(path)) else {
            throw .unreadable(file: path, problem: "there is no such file")
        }
        return content
    }

    /// Where systemd puts the credentials of a service.
    ///
    /// - Parameter settings: the lines of the unit that would put them there, for the error.
    /// - Returns: the folder.
    /// - Throws: `CredentialError` when the process is no service with credentials.
    func systemdFolder(_ settings: String) throws(CredentialError) -> String {
        guard let folder = environment["CREDENTIALS_DIRECTORY"] else {
            throw .noVariable(
                name: "CREDENTIALS_DIRECTORY",
                purpose: "run presignd as a systemd service with \(settings)"
            )
        }
        return folder
    }

    /// The files of a credential in systemd's folder, if there is one.
    func systemdFiles(_ name: String, _ parts: [String]) -> [SecretFile] {
        guard let folder = environment["CREDENTIALS_DIRECTORY"] else { return [] }
        return parts.map { SecretFile(path: "\(folder)/\(name)-\($0)") }
    }

    /// systemd shows its files as group-readable where an access control list lets one user in.
    private func isSystemd(_ path: String) -> Bool {
        environment["CREDENTIALS_DIRECTORY"].map { path.hasPrefix($0 + "/") } ?? false
    }
}
