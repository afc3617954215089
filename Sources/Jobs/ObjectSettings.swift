// SPDX-License-Identifier: Apache-2.0

/// What is stored on an object besides its bytes: the `object:` of a template.
///
/// Whatever a kind of store has no word for is refused when the settings are read, never left out.
public struct ObjectSettings: Hashable, Sendable, Codable {
    /// The `Content-Type` of every file; absent: it is found out for each.
    public var contentType: String?
    /// The `Cache-Control` that the store answers with.
    public var cacheControl: String?
    /// The storage class, or access tier, in the store's own words.
    public var storageClass: String?
    /// How the store encrypts the object; absent: as its bucket is set up.
    public var encryption: ObjectEncryption?
    /// The key it is encrypted by, as the store names it.
    public var encryptionKey: String?
    /// Who may do what besides the owner, as one of the lists that stores know by a name.
    public var acl: ObjectACL?
    /// Tags, at most ten.
    public var tags: [NamedValue]
    /// Metadata of the object, by names in lower case.
    public var metadata: [NamedValue]

    /// Makes settings; nothing is set unless it is given.
    public init(
        contentType: String? = nil,
        cacheControl: String? = nil,
        storageClass: String? = nil,
        encryption: ObjectEncryption? = nil,
        encryptionKey: String? = nil,
        acl: ObjectACL? = nil,
        tags: [NamedValue] = [],
        metadata: [NamedValue] = []
    ) {
        self.contentType = contentType
        self.cacheControl = cacheControl
        self.storageClass = storageClass
        self.encryption = encryption
        self.encryptionKey = encryptionKey
        self.acl = acl
        self.tags = tags
        self.metadata = metadata
    }

    /// The settings of this machine: with its name in place of `{host}`.
    ///
    /// Done once, before anything is queued, so that a job says where it was queued.
    public func filling(host: String) -> ObjectSettings {
        var filled = self
        filled.tags = tags.map { NamedValue($0.name, $0.value.filling(host: host)) }
        filled.metadata = metadata.map { NamedValue($0.name, $0.value.filling(host: host)) }
        return filled
    }
}

/// How a store encrypts an object; the words are S3's.
public enum ObjectEncryption: String, Hashable, Sendable, Codable, CaseIterable {
    /// By a key of the store.
    case managed = "AES256"
    /// By a key of the key management service.
    case keyService = "aws:kms"
    /// The same in two layers.
    case keyServiceTwice = "aws:kms:dsse"
}

/// An access list that stores know by its name.
public enum ObjectACL: String, Hashable, Sendable, Codable, CaseIterable {
    /// The owner alone.
    case ownerOnly = "private"
    /// Everybody may read.
    case publicRead = "public-read"
    /// Everybody may read and write.
    case publicReadWrite = "public-read-write"
    /// Everybody with an account may read.
    case authenticatedRead = "authenticated-read"
    /// EC2 may read machine images.
    case execRead = "aws-exec-read"
    /// The bucket's owner may read.
    case bucketOwnerRead = "bucket-owner-read"
    /// The bucket's owner may do all.
    case bucketOwnerFullControl = "bucket-owner-full-control"
    /// The members of the bucket's project, by their roles (Google).
    case projectPrivate = "project-private"
}

/// A tag or an entry of metadata.
public struct NamedValue: Hashable, Sendable, Codable {
    /// Its name.
    public var name: String
    /// Its value, with placeholders.
    public var value: ValueTemplate

    /// Makes an entry.
    public init(_ name: String, _ value: ValueTemplate) {
        self.name = name
        self.value = value
    }
}
