// SPDX-License-Identifier: Apache-2.0

public import HTTP
public import Jobs

/// Finds the access key that a source names, and remembers nothing.
///
/// It reads files, runs a profile's `credential_process`, and asks whoever hands out temporary keys:
/// STS, a container's endpoint, an instance's metadata. Start here, then `CredentialFinder+Chain`
/// (where the AWS tools look, in their order) and `CredentialFinder+Profile` (what a profile says).
public struct CredentialFinder: Sendable {
    let environment: Environment
    let profiles: Profiles
    let wire = CredentialWire()
    /// The host of a store that may be reached without TLS, and so may STS beside it.
    let plainHost: String?
    /// How requests to STS go out.
    let route: @Sendable (Endpoint) throws -> HTTPRoute
    private let variables: [String: String]

    /// Makes a finder.
    ///
    /// - Parameters:
    ///   - environment: the variables of the process.
    ///   - home: the folder that has `.aws`; if absent, `HOME` of the environment.
    ///   - store: where the store answers that the key is for; if the set-up lets that be reached
    ///     without TLS, its host may be asked so for a role's key too.
    ///   - route: how requests to STS go out; an error of it is a reason not to have a key.
    public init(
        environment: [String: String],
        home: String? = nil,
        store: Endpoint? = nil,
        route: @escaping @Sendable (Endpoint) throws -> HTTPRoute = { _ in HTTPRoute() }
    ) {
        self.route = route
        variables = environment
        self.environment = Environment(environment)
        profiles = Profiles(
            environment: self.environment,
            home: home ?? self.environment["HOME"]
        )
        plainHost = store.flatMap { $0.isSecure ? nil : $0.host }
    }

    /// Finds a key.
    ///
    /// - Parameters:
    ///   - source: where to look.
    ///   - now: the time, by which requests to STS are signed.
    /// - Returns: the key, which has not ended.
    /// - Throws: `CredentialError`, which says where it looked and what to do.
    public func find(
        _ source: CredentialSource,
        at now: Timestamp
    ) async throws(CredentialError) -> AccessKey {
        try await look(for: source, at: now).key
    }

    /// Finds a key that is still good, and what decides when it has to be renewed.
    func look(
        for source: CredentialSource,
        at now: Timestamp
    ) async throws(CredentialError) -> Found<AccessKey> {
        switch source {
        case .chain: return try await chain(at: now)
        case .environment: return try requiredEnvironmentKey(at: now)
        case .profile(let name): return try await requiredKey(of: name, at: now)
        case .files(let accessKey, let secretKey, let sessionToken):
            return Found(try files(accessKey, secretKey, sessionToken))
        case .systemd(let name): return Found(try systemdKey(name))
        case .credentialsFile(let path): return Found(try credentialsFile(path))
        }
    }

    /// The files whose change can change what `look` finds.
    ///
    /// A token of an identity provider is none of them: it is replaced often, and the key that was
    /// taken on with the one before stays good.
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
    /// - Parameter name: the profile; if absent, `AWS_PROFILE`, or `default`.
    /// - Returns: region and endpoint as the AWS tools would choose them.
    /// - Throws: `CredentialError` when a profile is named that no file has, or a file is no good.
    public func settings(profile name: String? = nil) throws(CredentialError) -> ProfileSettings {
        let name = name ?? environment["AWS_PROFILE"]
        let profile = try profiles.profile(name ?? "default")
        if let name, profile == nil { throw .noProfile(name: name, files: profiles.paths) }
        return ProfileSettings(
            region: environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
                ?? profile?["region"],
            endpointURL: environment["AWS_ENDPOINT_URL_S3"] ?? environment["AWS_ENDPOINT_URL"]
                ?? profile?["services.s3"] ?? profile?["endpoint_url"]
        )
    }

    /// Runs the program of a profile's `credential_process`.
    func run(_ words: [String]) async -> KeyProgram.Outcome {
        await KeyProgram(words: words, environment: variables).run()
    }

    /// A key whose parts stand in files of their own.
    func files(
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

    /// A key among systemd's credentials.
    func systemdKey(_ name: String) throws(CredentialError) -> AccessKey {
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
