// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The policy of a form, read: until when it grants what.
struct PolicyDocument: Sendable {
    /// The moment from which it grants nothing.
    let expiration: Timestamp
    /// All of them must hold.
    let conditions: [PolicyCondition]

    /// Reads the JSON text of a policy.
    ///
    /// - Throws: `SignatureRefusal` with the code `InvalidPolicyDocument` for whatever is not
    ///   understood: a condition that was passed over would grant too much.
    init(_ json: [UInt8]) throws(SignatureRefusal) {
        let value: JSONValue
        do { value = try JSONReader.read(json) } catch { throw .badPolicy("Invalid JSON.") }
        guard case .object(let members) = value else { throw .badPolicy("Invalid JSON.") }
        func member(_ name: String) -> JSONValue? {
            members.first { $0.name.elementsEqual(name.utf8) }?.value
        }
        guard case .text(let text)? = member("expiration") else {
            throw .badPolicy("Policy is missing expiration.")
        }
        guard let moment = Timestamp(rfc3339: String(decoding: text, as: UTF8.self)) else {
            throw .badPolicy("Invalid 'expiration' value.")
        }
        guard case .list(let list)? = member("conditions") else {
            throw .badPolicy("Policy is missing conditions.")
        }
        guard members.count == 2 else { throw .badPolicy("Unexpected property.") }
        expiration = moment
        var conditions: [PolicyCondition] = []
        for item in list { conditions.append(try PolicyCondition(item)) }
        self.conditions = conditions
    }
}

extension SignatureRefusal {
    /// The policy is none, or has what is not understood.
    static func badPolicy(_ problem: String) -> SignatureRefusal {
        SignatureRefusal(.invalidPolicyDocument, "Invalid Policy: \(problem)")
    }
}
