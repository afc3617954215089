// SPDX-License-Identifier: Apache-2.0

import HTTP
import Jobs
import Sign

/// AWS's Security Token Service, or a store's own: gives the key of a role to whoever may have it.
struct TokenService: Sendable {
    let place: TokenServicePlace
    let wire: CredentialWire
    let route: @Sendable (Endpoint) throws -> HTTPRoute

    /// Takes a role on with another key (`AssumeRole`).
    func assume(
        _ role: Role,
        with key: AccessKey,
        at now: Timestamp
    ) async throws(CredentialError) -> Found<AccessKey> {
        var form = Self.form("AssumeRole", role, at: now)
        if let externalID = role.externalID { form.append(("ExternalId", externalID.reveal())) }
        let body = Self.encoded(form)
        var headers = Self.headers
        let signed: [Header]
        do throws(SignError) {
            signed = try ServiceSigner(region: place.region, service: "sts", key: key).sign(
                "POST",
                path: Array(path.utf8),
                headers: headers + [Header("Host", place.endpoint.authority())],
                body: body,
                at: now
            )
        } catch {
            throw .refused(
                source: source(role),
                reason: "\(error)",
                cure: "mend the key that the role is taken on with"
            )
        }
        headers += signed
        let secrets = [role.externalID, key.secret, key.sessionToken].compactMap { $0?.reveal() }
        return try await ask(role, body, headers, hiding: secrets)
    }

    /// Takes a role on with the token of an identity provider (`AssumeRoleWithWebIdentity`).
    func assume(
        _ role: Role,
        withToken token: String,
        at now: Timestamp
    ) async throws(CredentialError) -> Found<AccessKey> {
        var form = Self.form("AssumeRoleWithWebIdentity", role, at: now)
        form.append(("WebIdentityToken", token))
        return try await ask(role, Self.encoded(form), Self.headers, hiding: [token])
    }

    /// Who is asked for what, for errors.
    func source(_ role: Role) -> String { "role \(role.arn) (\(role.place), at \(place.endpoint))" }

    private var path: String { place.endpoint.basePath.isEmpty ? "/" : place.endpoint.basePath }

    private func ask(
        _ role: Role,
        _ body: [UInt8],
        _ headers: [Header],
        hiding secrets: [String]
    ) async throws(CredentialError) -> Found<AccessKey> {
        let origin = "\(place.endpoint.isSecure ? "https" : "http")://\(place.endpoint.authority())"
        let request = HTTPRequest(
            method: "POST",
            url: Array((origin + path).utf8),
            headers: headers.map { ($0.name, $0.value) },
            body: .bytes(body),
            caFile: place.caFile
        )
        let source = source(role)
        let answer = try await wire.ask(
            request,
            .far,
            by: try way(source),
            of: source,
            isPassing: Self.trouble
        )
        let texts = AnswerText(answer.body)
        guard answer.status == 200 else {
            throw TokenServiceRefusal(texts, status: answer.status)
                .error(source: source, role, place, hiding: secrets)
        }
        guard let id = texts["AccessKeyId"], let secret = texts["SecretAccessKey"],
            let token = texts["SessionToken"], id.isKeyText, secret.isKeyText, token.isKeyText
        else { throw .badAnswer(source: source, problem: "has no key") }
        guard let end = texts["Expiration"].flatMap({ Timestamp(rfc3339: $0) }) else {
            throw .badAnswer(source: source, problem: "does not say when the key ends")
        }
        return Found(
            AccessKey(
                id: id,
                secret: Secret(secret),
                sessionToken: Secret(token),
                expiresAt: end
            )
        )
    }

    private func way(_ source: String) throws(CredentialError) -> HTTPRoute {
        do {
            return try route(place.endpoint)
        } catch {
            throw .refused(source: source, reason: "\(error)", cure: "STS is asked by no other way")
        }
    }

    private static let headers = [
        Header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
        Header("Accept", "application/xml"),
    ]

    /// The codes that a later try may not get again.
    private static func trouble(_ answer: HTTPResponse) -> String? {
        let code = AnswerText(answer.body)["Code"]
        switch code {
        case "Throttling"?, "ThrottlingException"?, "RequestLimitExceeded"?, "SlowDown"?,
            "IDPCommunicationError"?:
            return "it answered \(code ?? "")"
        default: return CredentialWire.trouble(answer)
        }
    }

    private static func form(
        _ action: String,
        _ role: Role,
        at now: Timestamp
    ) -> [(String, String)] {
        var form = [
            ("Action", action), ("Version", "2011-06-15"), ("RoleArn", role.arn),
            ("RoleSessionName", role.session(at: now)),
        ]
        if let seconds = role.seconds { form.append(("DurationSeconds", "\(seconds)")) }
        return form
    }

    /// A form as browsers send it, but with `%20` for a space, which every server reads the same.
    private static func encoded(_ form: [(String, String)]) -> [UInt8] {
        var body: [UInt8] = []
        for (name, value) in form {
            if !body.isEmpty { body.append(UInt8(ascii: "&")) }
            body.append(text: name + "=")
            for byte in value.utf8 {
                let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                if byte.isASCIIDigit || isLetter && byte < 0x80 || "-._~".utf8.contains(byte) {
                    body.append(byte)
                } else {
                    body.appendPercentEscape(byte)
                }
            }
        }
        return body
    }
}
