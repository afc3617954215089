// SPDX-License-Identifier: Apache-2.0

public import Jobs

extension SigV4Signer {
    /// Makes a form that grants uploads, from `moment` (its whole second) for the policy's lifetime.
    ///
    /// "Authenticating Requests in Browser-Based Uploads Using POST (AWS Signature Version 4)",
    /// Amazon S3 API Reference.
    ///
    /// - Returns: the form, all fields but `file`.
    /// - Throws: `SignError` when the policy, or what the signer was made of, cannot be signed, and
    ///   for a store of Google's.
    public func form(
        for policy: PostPolicy,
        at moment: Timestamp
    ) throws(SignError) -> SignedForm {
        guard scheme == .sigV4 else { throw .form("cannot be signed by \(scheme.rawValue)") }
        let end = try scheme.end(of: policy.lifetime, from: moment)
        let address = try address.get()
        guard let bucket, !bucket.isEmpty else { throw .noBucket(.path) }
        var writer = PolicyWriter()
        writer.require("bucket", Array(bucket.utf8))
        try Self.add(policy.name, to: &writer)
        if let size = policy.size {
            guard size.lowerBound >= 0 else { throw .form("cannot ask for less than 0 bytes") }
            writer.bound(size)
        }
        for field in try Self.fields(of: policy) { writer.add(field.name, Array(field.value.utf8)) }
        let second = second(of: moment)
        writer.add("x-amz-algorithm", Array(dialect.algorithm.utf8))
        writer.add("x-amz-credential", Array("\(keyID)/".utf8) + second.key.scope)
        writer.add("x-amz-date", second.date)
        if let token { writer.add("x-amz-security-token", Array(token.reveal().utf8)) }
        let text = Array(writer.policy(until: end).base64.utf8)
        let signature = try second.key.signature(of: text)
        var url = address.origin
        address.append(pathOf: ObjectKey(bytes: []), to: &url)
        return SignedForm(
            url: String(decoding: url, as: UTF8.self),
            fields: writer.fields
                + [FormField("policy", text), FormField("x-amz-signature", signature)],
            expiresAt: end
        )
    }

    /// Adds the field `key`: a policy is JSON, so a name must be UTF-8, and the variable in it would
    /// be put in before the store compares.
    private static func add(
        _ name: PostPolicy.Name,
        to writer: inout PolicyWriter
    ) throws(SignError) {
        let bytes =
            switch name {
            case .key(let key): key.bytes
            case .prefix(let prefix): prefix.bytes
            }
        guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else {
            throw .form("needs a key that is UTF-8 without NUL")
        }
        guard bytes.firstRange(of: FormField.fileName) == nil else {
            throw .form("cannot have ${filename} in its key; name a prefix, and it is added")
        }
        switch name {
        case .key:
            guard !bytes.isEmpty else { throw .form("needs a key or a prefix") }
            writer.add("key", bytes)
        case .prefix: writer.add(keyPrefix: bytes)
        }
    }

    private static func fields(of policy: PostPolicy) throws(SignError) -> [Header] {
        let type = policy.contentType.map { [Header("Content-Type", $0)] } ?? []
        let fields = try RequestHeaders(type + policy.fields).sent
        var known = Set(ownFields.map { Array($0.utf8) })
        for field in fields {
            let name = CanonicalHeaders.lowercased(field.name)
            guard known.insert(name).inserted else {
                throw .form("has the field \(field.name) already; leave it out")
            }
        }
        return fields
    }

    private static let ownFields = [
        "bucket", "file", "key", "policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date",
        "x-amz-security-token", "x-amz-signature",
    ]
}
