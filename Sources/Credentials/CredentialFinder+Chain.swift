// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Where the AWS tools look for a key when nobody says where, in their order.
extension CredentialFinder {
    /// The environment, a web identity of the environment, the profile, the container, the instance.
    ///
    /// The first of these that is set up counts; if it then has no key, no other is tried.
    func chain(at now: Timestamp) async throws(CredentialError) -> Found<AccessKey> {
        if let key = try environmentKey() {
            return try Found(key).stillGood(at: now, from: "the environment")
        }
        if let role = try environmentRole() { return try await webIdentity(role, at: now) }
        if let name = environment["AWS_PROFILE"] { return try await requiredKey(of: name, at: now) }
        if let found = try await key(of: "default", at: now) { return found }
        if ContainerEndpoint.isNamed(in: environment) { return try await containerKey(at: now) }
        let instance = try await instanceKey()
        switch instance {
        case .success(let found): return found
        case .failure(let error):
            let files = profiles.paths.map { "profile default in \($0)" }
            throw .nothingFound(
                lookedAt: [
                    "AWS_ACCESS_KEY_ID (not set)", "AWS_WEB_IDENTITY_TOKEN_FILE (not set)",
                ] + (files.isEmpty ? ["~/.aws (HOME is not set)"] : files) + [
                    "\(ContainerEndpoint.relativeName) (not set)", error.short,
                ]
            )
        }
    }

    /// The key that the container's endpoint hands out.
    func containerKey(at now: Timestamp) async throws(CredentialError) -> Found<AccessKey> {
        try await ContainerEndpoint(environment: environment, wire: wire).key()
            .stillGood(at: now, from: "the container's credentials endpoint")
    }

    /// The key in the environment, which has to be there.
    func requiredEnvironmentKey(at now: Timestamp) throws(CredentialError) -> Found<AccessKey> {
        guard let key = try environmentKey() else {
            throw .noVariable(
                name: "AWS_ACCESS_KEY_ID",
                purpose: "set it and AWS_SECRET_ACCESS_KEY, or name another source of keys"
            )
        }
        return try Found(key).stillGood(at: now, from: "the environment")
    }

    /// A role that is taken on with a token out of a file.
    func webIdentity(
        _ identity: WebIdentity,
        at now: Timestamp
    ) async throws(CredentialError) -> Found<AccessKey> {
        let file = SecretFile(path: identity.tokenFile)
        guard let content = try file.content(isPrivate: false) else {
            throw .unreadable(file: file.path, problem: "there is no such file")
        }
        let token = String(decoding: content, as: UTF8.self)
            .split(whereSeparator: \.isWhitespace)
        guard token.count == 1, let token = token.first.map(String.init), token.isKeyText else {
            throw .noValue(file: file.path, problem: "holds no token of an identity provider")
        }
        let service = TokenService(place: identity.place, wire: wire, route: route)
        return try await service.assume(identity.role, withToken: token, at: now)
            .stillGood(at: now, from: service.source(identity.role))
    }

    private func instanceKey() async throws(CredentialError)
        -> Result<Found<AccessKey>, CredentialError>
    {
        do throws(CredentialError) {
            return .success(try await InstanceMetadata(environment: environment, wire: wire).key())
        } catch {
            // A name that is set wrong is to be mended; all else only means that there is none.
            if case .badVariable = error { throw error }
            return .failure(error)
        }
    }

    private func environmentRole() throws(CredentialError) -> WebIdentity? {
        guard let file = environment["AWS_WEB_IDENTITY_TOKEN_FILE"] else { return nil }
        guard let arn = environment["AWS_ROLE_ARN"] else {
            throw .incomplete(
                place: "the environment (AWS_WEB_IDENTITY_TOKEN_FILE is set)",
                missing: "AWS_ROLE_ARN"
            )
        }
        // Of the profile only its region and endpoints count.
        let profile = try profiles.profile(environment["AWS_PROFILE"] ?? "default")
        return WebIdentity(
            role: Role(
                place: "the environment",
                arn: arn,
                sessionName: environment["AWS_ROLE_SESSION_NAME"]
            ),
            tokenFile: file,
            place: try tokenService(for: profile)
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
}
