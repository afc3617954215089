// SPDX-License-Identifier: Apache-2.0

import Jobs

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

    /// The settings of a profile, or nothing if neither file has it; keys come from `credentials`.
    ///
    /// - Throws: `CredentialError` when a file cannot be read. One that is missing has no profiles.
    func settings(of profile: String) throws(CredentialError) -> [String: String]? {
        let keys = try parse(credentials)?[profile]
        let config = try parse(config)
        let names = profile == "default" ? ["profile default", "default"] : ["profile \(profile)"]
        let others = names.compactMap { config?[$0] }.first
        guard keys != nil || others != nil else { return nil }
        var settings = others ?? [:]
        settings.merge(keys ?? [:]) { $1 }
        if let services = settings["services"],
            let endpoint = config?["services \(services)"]?["s3.endpoint_url"]
        {
            settings["endpoint_url"] = endpoint
        }
        return settings
    }

    /// The key of a profile.
    ///
    /// - Returns: nothing if neither file has the profile, or it has nothing to do with keys.
    /// - Throws: `CredentialError` when it has half a key, or gets one in a way not built in.
    func key(of profile: String) throws(CredentialError) -> AccessKey? {
        guard let settings = try settings(of: profile) else { return nil }
        func value(_ name: String) -> String? {
            settings[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        // A role goes before a key of the same profile, which is what it is taken on with.
        if value("role_arn") != nil { throw .unsupported(profile: profile, setting: "role_arn") }
        let place = "profile \"\(profile)\" (\(paths.joined(separator: ", ")))"
        switch (value("aws_access_key_id"), value("aws_secret_access_key")) {
        case (let id?, let secret?):
            return AccessKey(
                id: id,
                secret: Secret(secret),
                sessionToken: value("aws_session_token").map(Secret.init)
            )
        case (_?, nil): throw .incomplete(place: place, missing: "aws_secret_access_key")
        case (nil, _?): throw .incomplete(place: place, missing: "aws_access_key_id")
        case (nil, nil): break
        }
        let elsewhere = [
            "sso_session", "sso_start_url", "credential_process", "login_session",
            "web_identity_token_file",
        ]
        if let setting = elsewhere.first(where: { value($0) != nil }) {
            throw .unsupported(profile: profile, setting: setting)
        }
        return nil
    }

    private func parse(_ file: SecretFile?) throws(CredentialError) -> ProfileFile? {
        guard let file, let content = try file.content(isPrivate: false) else { return nil }
        return try ProfileFile(content, path: file.path)
    }
}
