// SPDX-License-Identifier: Apache-2.0

import HTTP
import Jobs

/// The metadata service of an Amazon EC2 instance, version 2, which hands out the keys of the role
/// that the instance has.
///
/// Version 1 is never tried: it answers whoever makes this machine ask, without a token.
/// "IMDS credential provider" in the AWS SDKs and Tools Reference Guide.
struct InstanceMetadata: Sendable {
    private static let disabledName = "AWS_EC2_METADATA_DISABLED"
    private static let endpointName = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
    private static let modeName = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"
    private static let roles = "/latest/meta-data/iam/security-credentials/"

    let environment: Environment
    let wire: CredentialWire

    /// Whether the environment forbids asking.
    static func isDisabled(in environment: Environment) -> Bool {
        environment[disabledName]?.lowercased() == "true"
    }

    /// Asks for a key of the instance's role.
    func key() async throws(CredentialError) -> Found<AccessKey> {
        if Self.isDisabled(in: environment) {
            throw .refused(
                source: "the instance's metadata",
                reason: "\(Self.disabledName) forbids asking for it",
                cure: "unset it, or give the store its credentials"
            )
        }
        let endpoint = try endpoint()
        let source = "the instance's metadata (\(endpoint))"
        let token = try await token(endpoint, source)
        let name = try await get(endpoint, Self.roles, token, source)
        let role = String(decoding: name.prefix { $0 != 0x0a && $0 != 0x0d }, as: UTF8.self)
        guard role.isKeyText, !role.contains(where: { "/?#".contains($0) }) else {
            throw .badAnswer(source: source, problem: "names no role")
        }
        let body = try await get(endpoint, Self.roles + role, token, source)
        let document = try KeyDocument(body, from: source)
        if let code = document.text("Code"), code != "Success" {
            throw .unreachable(source: source, problem: "it has no key for role \(role) now")
        }
        let key = try document.key(token: "Token")
        return Found(key, endsAt: key.expiresAt, mayOutlive: true)
    }

    private func endpoint() throws(CredentialError) -> Endpoint {
        if let text = environment[Self.endpointName] {
            guard let endpoint = try? Endpoint(text) else {
                throw .badVariable(name: Self.endpointName, wanted: "URL")
            }
            return endpoint
        }
        switch environment[Self.modeName]?.lowercased() {
        case nil, "ipv4": return Endpoint(isSecure: false, host: "169.254.169.254")
        case "ipv6": return Endpoint(isSecure: false, host: "[fd00:ec2::254]")
        case .some: throw .badVariable(name: Self.modeName, wanted: "IPv4 or IPv6")
        }
    }

    private func token(
        _ endpoint: Endpoint,
        _ source: String
    ) async throws(CredentialError)
        -> String
    {
        let request = HTTPRequest(
            method: "PUT",
            url: Array("\(endpoint)/latest/api/token".utf8),
            headers: [("X-aws-ec2-metadata-token-ttl-seconds", "300")]
        )
        let answer = try await wire.ask(request, .near, of: source)
        let token = String(decoding: answer.body, as: UTF8.self)
        guard answer.status == 200, token.isKeyText else {
            throw .refused(
                source: source,
                reason: "it gives no token for version 2 (it answered \(answer.status))",
                cure: "allow the metadata service on the instance, with a hop limit that reaches "
                    + "here, or give the store its credentials"
            )
        }
        return token
    }

    private func get(
        _ endpoint: Endpoint,
        _ path: String,
        _ token: String,
        _ source: String
    ) async throws(CredentialError) -> [UInt8] {
        let request = HTTPRequest(
            method: "GET",
            url: Array("\(endpoint)\(path)".utf8),
            headers: [("X-aws-ec2-metadata-token", token)]
        )
        let answer = try await wire.ask(request, .near, of: source)
        guard answer.status == 200 else {
            throw .refused(
                source: source,
                reason: answer.status == 404
                    ? "the instance has no role" : "it answered \(answer.status)",
                cure: "give the instance a role (instance profile), or the store its credentials"
            )
        }
        return answer.body
    }
}
