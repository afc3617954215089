// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The ways by which a profile of the AWS files gets its key.
extension CredentialFinder {
    /// The key of a profile that has to have one.
    func requiredKey(
        of name: String,
        at now: Timestamp
    ) async throws(CredentialError) -> Found<AccessKey> {
        if let found = try await key(of: name, at: now) { return found }
        guard try profiles.profile(name) == nil else {
            throw .incomplete(place: "profile \"\(name)\"", missing: "aws_access_key_id")
        }
        throw .noProfile(name: name, files: profiles.paths)
    }

    /// The key of a profile.
    ///
    /// - Returns: nothing if neither file has the profile, or it has nothing to do with keys.
    /// - Throws: `CredentialError` when it has half a key, or gets one in a way not built in.
    func key(of name: String, at now: Timestamp) async throws(CredentialError) -> Found<AccessKey>?
    {
        guard let profile = try profiles.profile(name) else { return nil }
        return try await key(of: profile, after: [], region: profile["region"], at: now)
    }

    /// Where STS answers for a role that stands in a profile, or in the environment.
    func tokenService(
        for profile: Profile?,
        region: String? = nil
    ) throws(CredentialError) -> TokenServicePlace {
        try TokenServicePlace(environment, profile, region: region, plainHost: plainHost)
    }

    /// The key of a profile to which others led, `walked`, each taking its key from the next; the
    /// first of them is in `region`.
    private func key(
        of profile: Profile,
        after walked: [String],
        region: String?,
        at now: Timestamp
    ) async throws(CredentialError) -> Found<AccessKey>? {
        // A role goes before a key of the same profile, which is what it is taken on with.
        if profile["role_arn"] != nil {
            return try await roleKey(of: profile, after: walked, region: region, at: now)
        }
        if let key = try fixedKey(of: profile) { return Found(key) }
        if let command = profile["credential_process"] {
            return try await programKey(of: profile, command, at: now)
        }
        for setting in ["sso_session", "sso_start_url", "login_session"]
        where profile[setting] != nil {
            throw .unsupported(profile: profile.name, setting: setting)
        }
        if profile["web_identity_token_file"] != nil {
            throw .incomplete(place: profile.place, missing: "role_arn")
        }
        return nil
    }

    private func fixedKey(of profile: Profile) throws(CredentialError) -> AccessKey? {
        let place = "\(profile.place) (\(profiles.paths.joined(separator: ", ")))"
        switch (profile["aws_access_key_id"], profile["aws_secret_access_key"]) {
        case (let id?, let secret?):
            return AccessKey(
                id: id,
                secret: Secret(secret),
                sessionToken: profile["aws_session_token"].map(Secret.init)
            )
        case (_?, nil): throw .incomplete(place: place, missing: "aws_secret_access_key")
        case (nil, _?): throw .incomplete(place: place, missing: "aws_access_key_id")
        case (nil, nil): return nil
        }
    }

    private func roleKey(
        of profile: Profile,
        after walked: [String],
        region: String?,
        at now: Timestamp
    ) async throws(CredentialError) -> Found<AccessKey> {
        guard !walked.contains(profile.name) else {
            throw .loop(profiles: walked + [profile.name])
        }
        let role = try Role(profile)
        let place = try tokenService(for: profile, region: region)
        if let file = profile["web_identity_token_file"] {
            let identity = WebIdentity(role: role, tokenFile: file, place: place)
            return try await webIdentity(identity, at: now)
        }
        if profile["mfa_serial"] != nil {
            throw .unsupported(profile: profile.name, setting: "mfa_serial")
        }
        let source = try await sourceKey(
            of: profile,
            after: walked + [profile.name],
            region: region,
            at: now
        )
        let service = TokenService(place: place, wire: wire, route: route)
        return try await service.assume(role, with: source.key, at: now)
            .stillGood(at: now, from: service.source(role))
    }

    /// The key that a profile's role is taken on with.
    private func sourceKey(
        of profile: Profile,
        after walked: [String],
        region: String?,
        at now: Timestamp
    ) async throws(CredentialError) -> Found<AccessKey> {
        switch (profile["source_profile"], profile["credential_source"]) {
        case (let name?, nil):
            // A profile may name itself, and then means the key that stands beside its role.
            if name == profile.name, let key = try fixedKey(of: profile) { return Found(key) }
            guard let next = try profiles.profile(name) else {
                throw .noProfile(name: name, files: profiles.paths)
            }
            guard let found = try await key(of: next, after: walked, region: region, at: now) else {
                throw .incomplete(place: next.place, missing: "aws_access_key_id")
            }
            return found
        case (nil, "Environment"?): return try requiredEnvironmentKey(at: now)
        case (nil, "EcsContainer"?): return try await containerKey(at: now)
        case (nil, "Ec2InstanceMetadata"?):
            return try await InstanceMetadata(environment: environment, wire: wire).key()
        case (nil, _?):
            throw .badSetting(
                place: profile.place,
                setting: "credential_source",
                wanted: "Environment, EcsContainer or Ec2InstanceMetadata"
            )
        case (_?, _?):
            throw .badSetting(
                place: profile.place,
                setting: "what the role is taken on with",
                wanted: "either source_profile or credential_source"
            )
        case (nil, nil):
            throw .incomplete(
                place: "\(profile.place) (it has a role_arn)",
                missing: "source_profile or credential_source"
            )
        }
    }

    private func programKey(
        of profile: Profile,
        _ command: String,
        at now: Timestamp
    ) async throws(CredentialError) -> Found<AccessKey> {
        let source = "credential_process of \(profile.place)"
        guard let words = try? CommandWords.split(command), let program = words.first,
            !program.isEmpty, !command.utf8.contains(0)
        else {
            throw .badSetting(
                place: profile.place,
                setting: "credential_process",
                wanted: "a program and its arguments, every quote closed"
            )
        }
        let problem: String
        switch await run(words) {
        case .printed(let bytes):
            let document = try KeyDocument(bytes, from: source)
            guard document.integer("Version") == 1 else {
                throw .badAnswer(source: source, problem: "has no Version that is 1")
            }
            return try Found(document.key(token: "SessionToken"))
                .stillGood(at: now, from: source)
        case .notStarted(let reason): problem = "cannot be started (\(reason))"
        case .failed(let status): problem = "ended with status \(status)"
        case .killed(let signal): problem = "was ended by signal \(signal)"
        case .tooSlow(let limit): problem = "took longer than \(limit)"
        case .tooLong(let limit): problem = "printed more than \(limit) bytes"
        }
        throw .programFailed(
            source: source,
            problem: "\(problem); run it by hand as the user of presignd to see why"
        )
    }
}
