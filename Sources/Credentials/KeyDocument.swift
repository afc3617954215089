// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A key in JSON, as a program (`credential_process`), a container's endpoint and an instance's
/// metadata hand it out: the same members, but the token's name.
struct KeyDocument: Sendable {
    private let members: [(name: [UInt8], value: JSONValue)]
    private let source: String

    /// Reads a text; `source` is named in errors, and nothing of the text is.
    init(_ bytes: [UInt8], from source: String) throws(CredentialError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONReader.read(bytes)
        } catch {
            throw .badAnswer(source: source, problem: error.problem)
        }
        guard case .object(let members) = value else {
            throw .badAnswer(source: source, problem: "is \(value.kind), not an object")
        }
        self.members = members
        self.source = source
    }

    /// A member that is a text, or nothing if it is missing, null or empty.
    func text(_ name: String) -> String? {
        guard case .text(let bytes)? = member(name), !bytes.isEmpty else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A member that is a whole number.
    func integer(_ name: String) -> Int64? { member(name)?.integer }

    /// The key.
    ///
    /// - Parameter token: the name of the member with the session token.
    /// - Returns: the key, with its end if the text has one.
    /// - Throws: `CredentialError.badAnswer` when a part is missing or could be no part of a key.
    func key(token: String) throws(CredentialError) -> AccessKey {
        guard let id = try part("AccessKeyId") else { throw missing("AccessKeyId") }
        guard let secret = try part("SecretAccessKey") else { throw missing("SecretAccessKey") }
        var end: Timestamp?
        if let text = text("Expiration") {
            end = Timestamp(rfc3339: text)
            guard end != nil else {
                throw .badAnswer(
                    source: source,
                    problem: "has an Expiration that is no time such as 2026-11-23T18:00:00Z"
                )
            }
        }
        return AccessKey(
            id: id,
            secret: Secret(secret),
            sessionToken: try part(token).map(Secret.init),
            expiresAt: end
        )
    }

    private func member(_ name: String) -> JSONValue? {
        members.first { $0.name.elementsEqual(name.utf8) }?.value
    }

    private func part(_ name: String) throws(CredentialError) -> String? {
        guard let text = text(name) else { return nil }
        guard text.isKeyText else {
            throw .badAnswer(source: source, problem: "has characters in \(name) that no key has")
        }
        return text
    }

    private func missing(_ name: String) -> CredentialError {
        .badAnswer(source: source, problem: "has no \(name)")
    }
}

extension String {
    /// Whether this is printable ASCII without spaces, which can stand in a header and in a URL.
    var isKeyText: Bool { !isEmpty && utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f } }
}
