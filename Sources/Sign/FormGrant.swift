// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// What a good form may store.
public struct FormGrant: Hashable, Sendable {
    /// Who signed.
    public var accessKeyID: String
    /// The object, with the name of the file in it.
    public var key: ObjectKey
    /// The bytes the file may have; whoever takes it in has to count.
    public var size: ClosedRange<Int64>
    /// All fields but those of the signature, names in lower case; each is covered by the policy.
    public var fields: [FormField]
    /// The moment from which the form is refused.
    public var expiresAt: Timestamp
}
