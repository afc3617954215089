// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Finds the access key that a source names; reads files, and remembers nothing.
public struct CredentialFinder: Sendable {
    let environment: Environment
    private let profiles: Profiles

    /// Makes a finder.
    ///
    /// - Parameters:
    ///   - environment: the variables of the process.
    ///   - home: the folder that has `.aws`; if absent, `HOME` of the environment.
    public init(environment: [String: String], home: String? = nil) {
        self.environment = Environment(environment)
        profiles = Profiles(
            environment: self.environment,
            home: home ?? self.environment["HOME"]
        )
    }

    /// Finds a key.
    ///
    /// - Throws: `CredentialError`, which says where it looked and what to do.
    public func find(_ source: CredentialSource) throws(CredentialError) -> AccessKey {
        switch source {
        case .chain: return try chain()
        case .environment:
            guard let key = try environmentKey() else {
                throw .noVariable(
                    name: "AWS_ACCESS_KEY_ID",
                    purpose: "set it and AWS_SECRET_ACCESS_KEY, or name another source of keys"
                )
            }
            return key
        case .profile(let name): return try profile(name)
        case .files(let accessKey, let secretKey, let sessionToken):
            return try files(accessKey, secretKey, sessionToken)
        case .systemd(let name): return try systemd(name)
        case .credentialsFile(let path): return try credentialsFile(path)
        }
    }

    /// The files whose change can change what `find` finds.
    func files(behind source: CredentialSource) -> [SecretFile] {
        switch source {
        case .environment: []
        case .chain, .profile: [profiles.credentials, profiles.config].compactMap { $0 }
        case .credentialsFile(let path): [SecretFile(path: path)]
        case .files(let accessKey, let secretKey, let sessionToken):
            [accessKey, secretKey, sessionToken].compactMap { $0.map(SecretFile.init) }
        case .systemd(let name):
            systemdFiles(name, ["access-key", "secret-key", "session-token"])
        }
    }

    /// Reads what else the environment and a profile say.
    ///
    /// - Parameter profile: the profile; if absent, `AWS_PROFILE`, or `default`.
    /// - Returns: region and endpoint as the AWS tools would choose them.
    /// - Throws: `CredentialError` when a profile is named that no file has, or a file is no good.
    public func settings(profile: String? = nil) throws(CredentialError) -> ProfileSettings {
        let name = profile ?? environment["AWS_PROFILE"]
        let settings = try profiles.settings(of: name ?? "default")
        if let name, settings == nil { throw .noProfile(name: name, files: profiles.paths) }
        return ProfileSettings(
            region: environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
                ?? settings?["region"],
            endpointURL: environment["AWS_ENDPOINT_URL_S3"] ?? environment["AWS_ENDPOINT_URL"]
                ?? settings?["endpoint_url"]
        )
    }

    private func chain() throws(CredentialError) -> AccessKey {
        if let key = try environmentKey() { return key }
        if let name = environment["AWS_PROFILE"] { return try profile(name) }
        if let key = try profiles.key(of: "default") { return key }
        let files = profiles.paths.map { "profile default in \($0)" }
        throw .nothingFound(
            lookedAt: ["AWS_ACCESS_KEY_ID (not set)"]
                + (files.isEmpty ? ["~/.aws (HOME is not set)"] : files)
        )
    }

    private func environmentKey() throws(CredentialError) -> AccessKey? {
        let names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        switch (environment[names.0], environment[names.1]) {
        case (nil, nil): return nil
        case (nil, _?): throw .incomplete(place: "the environment", missing: names.0)
        case (_?, nil): throw .incomplete(place: "the environment", missing: names.1)
        case (let id?, let secret?):
            return AccessKey(
                id: id,
                secret: Secret(secret),
                sessionToken: environment["AWS_SESSION_TOKEN"].map(Secret.init),
                expiresAt: try environmentKeyEnd()
            )
        }
    }

    /// The AWS tools write this time with an offset: `2026-11-23T18:00:00+00:00`.
    private func environmentKeyEnd() throws(CredentialError) -> Timestamp? {
        let name = "AWS_CREDENTIAL_EXPIRATION"
        guard let text = environment[name] else { return nil }
        guard let moment = Timestamp(rfc3339: text) else {
            throw .badVariable(name: name, wanted: "time such as 2026-11-23T18:00:00Z")
        }
        return moment
    }

    private func profile(_ name: String) throws(CredentialError) -> AccessKey {
        if let key = try profiles.key(of: name) { return key }
        guard try profiles.settings(of: name) == nil else {
            throw .incomplete(place: "profile \"\(name)\"", missing: "aws_access_key_id")
        }
        throw .noProfile(name: name, files: profiles.paths)
    }

    private func files(
        _ accessKey: String,
        _ secretKey: String,
        _ sessionToken: String?
    ) throws(CredentialError) -> AccessKey {
        let token: String? =
            if let sessionToken { try privateValue(of: sessionToken) } else { nil }
        return AccessKey(
            id: try privateValue(of: accessKey),
            secret: Secret(try privateValue(of: secretKey)),
            sessionToken: token.map(Secret.init)
        )
    }

    private func systemd(_ name: String) throws(CredentialError) -> AccessKey {
        let folder = try systemdFolder(
            "LoadCredential=\(name)-access-key:… and LoadCredential=\(name)-secret-key:…"
        )
        let token = SecretFile(path: "\(folder)/\(name)-session-token")
        return try files(
            "\(folder)/\(name)-access-key",
            "\(folder)/\(name)-secret-key",
            token.stamp == nil ? nil : token.path
        )
    }

    private func credentialsFile(_ path: String) throws(CredentialError) -> AccessKey {
        let file = SecretFile(path: path)
        guard let content = try file.content(isPrivate: true) else {
            throw .unreadable(file: path, problem: "there is no such file")
        }
        let settings = try ProfileFile(content, path: path)["default"] ?? [:]
        let place = "\(path), section [default],"
        guard let id = settings["aws_access_key_id"], !id.isEmpty else {
            throw .incomplete(place: place, missing: "aws_access_key_id")
        }
        guard let secret = settings["aws_secret_access_key"], !secret.isEmpty else {
            throw .incomplete(place: place, missing: "aws_secret_access_key")
        }
        return AccessKey(
            id: id,
            secret: Secret(secret),
            sessionToken: settings["aws_session_token"].flatMap { $0.isEmpty ? nil : Secret($0) }
        )
    }
}
