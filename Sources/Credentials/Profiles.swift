// SPDX-License-Identifier: Apache-2.0

/// The two profile files of the AWS tools, and what they say together.
struct Profiles: Sendable {
    /// The file with keys: `AWS_SHARED_CREDENTIALS_FILE`, or `~/.aws/credentials`.
    let credentials: SecretFile?
    /// The file with settings: `AWS_CONFIG_FILE`, or `~/.aws/config`.
    let config: SecretFile?

    init(environment: Environment, home: String?) {
        func file(_ variable: String, _ standard: String) -> SecretFile? {
            guard let path = environment[variable] else {
                return home.map { SecretFile(path: "\($0)/.aws/\(standard)") }
            }
            guard path.hasPrefix("~/"), let home else { return SecretFile(path: path) }
            return SecretFile(path: home + path.dropFirst())
        }
        credentials = file("AWS_SHARED_CREDENTIALS_FILE", "credentials")
        config = file("AWS_CONFIG_FILE", "config")
    }

    /// The files' paths.
    var paths: [String] { [credentials, config].compactMap { $0?.path } }

    /// What a profile says, or nothing if neither file has it; keys come from `credentials`.
    ///
    /// The endpoints of its `services` section stand under `services.s3` and `services.sts`.
    ///
    /// - Throws: `CredentialError` when a file cannot be read. One that is missing has no profiles.
    func profile(_ name: String) throws(CredentialError) -> Profile? {
        let keys = try parse(credentials)?[name]
        let config = try parse(config)
        let names = name == "default" ? ["profile default", "default"] : ["profile \(name)"]
        let others = names.compactMap { config?[$0] }.first
        guard keys != nil || others != nil else { return nil }
        var values = others ?? [:]
        values.merge(keys ?? [:]) { $1 }
        if let services = values["services"], let section = config?["services \(services)"] {
            for service in ["s3", "sts"] {
                values["services.\(service)"] = section["\(service).endpoint_url"]
            }
        }
        return Profile(name, values)
    }

    private func parse(_ file: SecretFile?) throws(CredentialError) -> ProfileFile? {
        guard let file, let content = try file.content(isPrivate: false) else { return nil }
        return try ProfileFile(content, path: file.path)
    }
}
