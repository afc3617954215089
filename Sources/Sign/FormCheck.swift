// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Jobs

/// The server's side of a signed form: says whether its fields are what a policy grants.
///
/// The policy is signed by version 4 and by a key that the store knows, it has not expired, all its
/// conditions hold, and every field is covered by one, as S3 has it: a field that no condition
/// names was added by whoever filled in the form.
public struct FormCheck: Sendable {
    private let secretOf: @Sendable (String) -> Secret?
    private let dialect = SignatureDialect.amazon

    /// Makes a check that looks up secrets by access key id.
    public init(secretOf: @escaping @Sendable (String) -> Secret?) {
        self.secretOf = secretOf
    }

    /// Checks the fields of one form.
    ///
    /// - Parameters:
    ///   - form: the fields that came before the file.
    ///   - bucket: the bucket that it was sent to.
    ///   - now: the time of this server.
    /// - Returns: what was granted.
    /// - Throws: `SignatureRefusal` with S3's code.
    public func check(
        _ form: SubmittedForm,
        bucket: [UInt8],
        now: Timestamp
    ) throws(SignatureRefusal) -> FormGrant {
        try Self.requireEachOnce(form)
        let policy = try self.policy(of: form)
        let keyID = try requireSignature(form, policy)
        guard let json = [UInt8](base64: String(decoding: policy, as: UTF8.self)) else {
            throw SignatureRefusal(.invalidPolicyDocument, "Invalid Policy: Invalid base64.")
        }
        let document = try PolicyDocument(json)
        guard now < document.expiration else { throw .policy("Policy expired.") }
        let fields = try Self.require(document, of: form, bucket: bucket)
        guard let key = form.value("key") else {
            throw SignatureRefusal(
                .invalidArgument,
                "Bucket POST must contain a field named 'key'. If it is specified, please check "
                    + "the order of the fields.",
                details: [Header("ArgumentName", "key"), Header("ArgumentValue", "")]
            )
        }
        return FormGrant(
            accessKeyID: keyID,
            key: ObjectKey(bytes: key),
            size: try Self.size(document),
            fields: fields,
            expiresAt: document.expiration
        )
    }

    /// One check could see the first of two fields, and a store act on the second; and `String`
    /// takes some names that differ for the same, but none in ASCII.
    private static func requireEachOnce(_ form: SubmittedForm) throws(SignatureRefusal) {
        var seen: Set<[UInt8]> = []
        for field in form.fields {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
                seen.insert(CanonicalHeaders.lowercased(field.name)).inserted
            else {
                let name = NameText.shown(Array(field.name.utf8))
                throw SignatureRefusal(
                    .invalidArgument,
                    "The form has the field \(name) more than once, or it is no name.",
                    details: [Header("ArgumentName", name)]
                )
            }
        }
    }

    private func policy(of form: SubmittedForm) throws(SignatureRefusal) -> [UInt8] {
        guard form.value("awsaccesskeyid") == nil, form.value("signature") == nil else {
            throw SignatureRefusal(
                .invalidRequest,
                "The authorization mechanism you have provided is not supported. "
                    + "Please use \(dialect.algorithm)."
            )
        }
        guard let policy = form.value("policy"), form.value("x-amz-signature") != nil else {
            throw SignatureRefusal(
                .accessDenied,
                "Access Denied. This store takes signed forms only."
            )
        }
        return policy
    }

    /// Compares the signature of the policy, which is over its base64 text as it came.
    private func requireSignature(
        _ form: SubmittedForm,
        _ policy: [UInt8]
    ) throws(SignatureRefusal) -> String {
        func field(_ name: String) throws(SignatureRefusal) -> [UInt8] {
            if let value = form.value(name) { return value }
            throw SignatureRefusal(
                .invalidArgument,
                "Bucket POST must contain a field named '\(name)'. If it is specified, please "
                    + "check the order of the fields.",
                details: [Header("ArgumentName", name), Header("ArgumentValue", "")]
            )
        }
        guard try field("x-amz-algorithm").elementsEqual(dialect.algorithm.utf8) else {
            throw .badField("x-amz-algorithm only supports \"\(dialect.algorithm)\"")
        }
        let credential = try PresignedQuery.credential(
            try field("x-amz-credential"),
            end: dialect.scopeEnd
        )
        let date = try field("x-amz-date")
        guard Timestamp(basic: String(decoding: date, as: UTF8.self)) != nil,
            date.starts(with: credential.day)
        else { throw .badField("x-amz-date is no date, or not that of x-amz-credential.") }
        guard credential.service.elementsEqual("s3".utf8) else {
            throw .badField("x-amz-credential has an incorrect service; it must be \"s3\".")
        }
        guard form.value("x-amz-security-token") == nil else { throw .invalidToken }
        guard let secret = secretOf(credential.keyID) else { throw .unknownKey(credential.keyID) }
        let key = SigningKey(
            .shared(secret),
            day: credential.day,
            region: credential.region,
            service: credential.service,
            dialect: dialect
        )
        // Signing with a shared secret does not fail; what cannot be compared does not match.
        guard let expected = try? key.signature(of: policy),
            form.value("x-amz-signature")?.equalsInConstantTime(Array(expected.utf8)) == true
        else { throw .mismatch() }
        return credential.keyID
    }

    /// Requires that all conditions hold and that each field has one; gives what is no signature.
    private static func require(
        _ document: PolicyDocument,
        of form: SubmittedForm,
        bucket: [UInt8]
    ) throws(SignatureRefusal) -> [FormField] {
        var fields: [FormField] = []
        for field in form.fields {
            let name = String(decoding: CanonicalHeaders.lowercased(field.name), as: UTF8.self)
            if ["policy", "x-amz-signature"].contains(name) { continue }
            fields.append(FormField(name, field.value))
        }
        var values = Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
        guard values.updateValue(bucket, forKey: "bucket").map({ $0 == bucket }) ?? true else {
            throw .policy("The field bucket names another bucket than the form was sent to.")
        }
        for condition in document.conditions {
            guard let field = condition.field, !condition.holds(for: values[field]) else {
                continue
            }
            throw .policy("Policy Condition failed: \(condition)")
        }
        let covered = Set(document.conditions.compactMap(\.field))
        let extra = values.keys.filter { !covered.contains($0) && !$0.hasPrefix("x-ignore-") }
        guard extra.isEmpty else {
            let names = extra.map { NameText.shown(Array($0.utf8)) }.sorted()
            throw .policy("Extra input fields: \(names.joined(separator: ", "))")
        }
        return fields.filter { !$0.name.hasPrefix("x-ignore-") }
    }

    /// The sizes that all ranges of the policy allow.
    private static func size(
        _ document: PolicyDocument
    ) throws(SignatureRefusal) -> ClosedRange<Int64> {
        var (least, most) = (Int64(0), Int64.max)
        for case .size(let range) in document.conditions {
            least = max(least, range.lowerBound)
            most = min(most, range.upperBound)
        }
        guard least <= most else {
            throw .policy("No size is in all of its content-length-range conditions.")
        }
        return least...most
    }
}

extension SignatureRefusal {
    /// The policy does not grant it.
    fileprivate static func policy(_ problem: String) -> SignatureRefusal {
        SignatureRefusal(.accessDenied, "Invalid according to Policy: \(problem)")
    }

    fileprivate static func badField(_ message: String) -> SignatureRefusal {
        SignatureRefusal(.invalidArgument, message)
    }
}
