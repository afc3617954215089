// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The JSON that Google hands out for the key of a service account ("Create and delete service
/// account keys", IAM documentation).
struct ServiceAccountFile: Sendable {
    let email: String
    let privateKey: Secret

    /// Reads the content of a file; `path` is named in errors.
    ///
    /// - Throws: `CredentialError.badServiceAccount` when it is another kind of Google's files, or
    ///   none; no value of the file is in it but its type.
    init(_ content: [UInt8], path: String) throws(CredentialError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONReader.read(content)
        } catch {
            throw .badServiceAccount(file: path, problem: error.problem)
        }
        guard case .object(let members) = value else {
            throw .badServiceAccount(file: path, problem: "is \(value.kind), not an object")
        }
        func text(_ name: String) -> String? {
            let member = members.first { $0.name.elementsEqual(name.utf8) }
            guard case .text(let bytes)? = member?.value, !bytes.isEmpty else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
        if let problem = Self.problem(ofType: text("type")) {
            throw .badServiceAccount(file: path, problem: problem)
        }
        guard let email = text("client_email") else {
            throw .badServiceAccount(file: path, problem: "has no client_email")
        }
        guard let key = text("private_key") else {
            throw .badServiceAccount(file: path, problem: "has no private_key")
        }
        self.email = email
        privateKey = Secret(key)
    }

    private static func problem(ofType type: String?) -> String? {
        switch type {
        case "service_account", nil: nil
        case "authorized_user":
            "is the login of a person (type authorized_user), which has no key to sign with"
        case "external_account", "external_account_authorized_user", "impersonated_service_account":
            "has no key of its own (type \(type ?? "")), so nothing can be signed with it"
        default: "is of another type than service_account"
        }
    }
}
