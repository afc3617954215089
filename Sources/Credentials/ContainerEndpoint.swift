// SPDX-License-Identifier: Apache-2.0

import HTTP
import Jobs

/// The endpoint by which Amazon's container services (ECS, EKS Pod Identity, Greengrass) hand out
/// keys to what runs in a container.
///
/// "Container credential provider" in the AWS SDKs and Tools Reference Guide.
struct ContainerEndpoint: Sendable {
    static let relativeName = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
    static let fullName = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    private static let tokenName = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
    /// The agents of ECS, and of EKS by both versions of IP: reached without TLS by their nature.
    private static let agents = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]

    let environment: Environment
    let wire: CredentialWire

    /// Whether the environment names an endpoint.
    static func isNamed(in environment: Environment) -> Bool {
        environment[relativeName] != nil || environment[fullName] != nil
    }

    /// Asks for a key.
    func key() async throws(CredentialError) -> Found<AccessKey> {
        let url = try url()
        let source = "the container's credentials endpoint (\(url.endpoint))"
        var request = HTTPRequest(
            method: "GET",
            url: Array("\(url.endpoint)\(url.path)".utf8),
            headers: [("Accept", "application/json")]
        )
        if let token = try token() { request.headers.append(("Authorization", token)) }
        let answer = try await wire.ask(request, .near, of: source)
        guard answer.status == 200 else {
            throw .refused(
                source: source,
                reason: "it answered \(answer.status)",
                cure: "see that the task or the pod has a role, and that its token is this one's"
            )
        }
        return Found(try KeyDocument(answer.body, from: source).key(token: "Token"))
    }

    private func url() throws(CredentialError) -> (endpoint: Endpoint, path: String) {
        if let path = environment[Self.relativeName] {
            guard path.hasPrefix("/"), path.isKeyText, !path.contains("#") else {
                throw .badVariable(name: Self.relativeName, wanted: "path that begins with /")
            }
            return (Endpoint(isSecure: false, host: Self.agents[0]), path)
        }
        guard let text = environment[Self.fullName] else {
            throw .noVariable(
                name: Self.fullName,
                purpose: "it, or \(Self.relativeName), names where a container gets its keys"
            )
        }
        let rest = text.drop { $0 != ":" }.dropFirst(3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = String(text[authority.endIndex...])
        guard path.isEmpty || path.isKeyText, !path.contains("#"),
            let endpoint = try? Endpoint(String(text[..<authority.endIndex]))
        else { throw .badVariable(name: Self.fullName, wanted: "URL") }
        guard endpoint.isSecure || endpoint.isLoopback || Self.agents.contains(endpoint.host)
        else {
            throw .badVariable(
                name: Self.fullName,
                wanted: "https:// URL, nor one of this machine or of a container agent "
                    + "(\(Self.agents.joined(separator: ", ")))"
            )
        }
        return (endpoint, path.hasPrefix("/") ? path : "/" + path)
    }

    /// Read anew for every request: what writes the file replaces it often.
    private func token() throws(CredentialError) -> String? {
        let name: String
        let token: String
        if let path = environment[Self.tokenName + "_FILE"] {
            name = "\(Self.tokenName)_FILE"
            guard let content = try SecretFile(path: path).content(isPrivate: false) else {
                throw .unreadable(file: path, problem: "there is no such file (\(name))")
            }
            token = String(decoding: content, as: UTF8.self)
        } else {
            name = Self.tokenName
            guard let value = environment[name] else { return nil }
            token = value
        }
        // It becomes a header, which a line break would end.
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) else {
            throw .badVariable(
                name: name,
                wanted: "token of one line, without a line break at its end"
            )
        }
        return token
    }
}
