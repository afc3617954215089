// SPDX-License-Identifier: Apache-2.0

extension Template {
    enum CodingKeys: String, CodingKey {
        case name, watch, store, key, ready, settle, after, onStart, onExists, badName, filter,
            object
        case link, publish, queueing, retention, group
    }

    /// Reads a snapshot; what an older presignd did not write yet has its default.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try values.decode(String.self, forKey: .name),
            watch: try values.decode(String.self, forKey: .watch),
            store: try values.decode(String.self, forKey: .store),
            key: try values.decode(KeyTemplate.self, forKey: .key),
            publish: try values.decode([String].self, forKey: .publish)
        )
        if let ready = try values.decodeIfPresent(Ready.self, forKey: .ready) {
            self.ready = ready
        }
        if let settle = try values.decodeIfPresent(Span.self, forKey: .settle) {
            self.settle = settle
        }
        if let after = try values.decodeIfPresent(AfterUpload.self, forKey: .after) {
            self.after = after
        }
        if let onStart = try values.decodeIfPresent(OnStart.self, forKey: .onStart) {
            self.onStart = onStart
        }
        if let onExists = try values.decodeIfPresent(OnExists.self, forKey: .onExists) {
            self.onExists = onExists
        }
        if let badName = try values.decodeIfPresent(BadName.self, forKey: .badName) {
            self.badName = badName
        }
        if let filter = try values.decodeIfPresent(FileFilter.self, forKey: .filter) {
            self.filter = filter
        }
        if let object = try values.decodeIfPresent(ObjectSettings.self, forKey: .object) {
            self.object = object
        }
        if let link = try values.decodeIfPresent(LinkSettings.self, forKey: .link) {
            self.link = link
        }
        if let queueing = try values.decodeIfPresent(Queueing.self, forKey: .queueing) {
            self.queueing = queueing
        }
        if let retention = try values.decodeIfPresent(Retention.self, forKey: .retention) {
            self.retention = retention
        }
        group = try values.decodeIfPresent(GroupRule.self, forKey: .group)
    }
}

extension LinkSettings {
    enum CodingKeys: String, CodingKey {
        case expiresIn, disposition, prove, renewUntil, minLifetime
    }

    /// Reads a snapshot; what an older presignd did not write yet has its default.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        if let expiresIn = try values.decodeIfPresent(Span.self, forKey: .expiresIn) {
            self.expiresIn = expiresIn
        }
        if let disposition = try values.decodeIfPresent(Disposition.self, forKey: .disposition) {
            self.disposition = disposition
        }
        if let prove = try values.decodeIfPresent(Prove.self, forKey: .prove) {
            self.prove = prove
        }
        renewUntil = try values.decodeIfPresent(RenewUntil.self, forKey: .renewUntil)
        minLifetime = try values.decodeIfPresent(Span.self, forKey: .minLifetime)
    }
}

extension ObjectSettings {
    enum CodingKeys: String, CodingKey {
        case contentType, cacheControl, storageClass, encryption, encryptionKey, acl, tags
        case metadata
    }

    /// Reads a snapshot; what an older presignd did not write yet has its default.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            contentType: try values.decodeIfPresent(String.self, forKey: .contentType),
            cacheControl: try values.decodeIfPresent(String.self, forKey: .cacheControl),
            storageClass: try values.decodeIfPresent(String.self, forKey: .storageClass),
            encryption: try values.decodeIfPresent(ObjectEncryption.self, forKey: .encryption),
            encryptionKey: try values.decodeIfPresent(String.self, forKey: .encryptionKey),
            acl: try values.decodeIfPresent(ObjectACL.self, forKey: .acl),
            tags: try values.decodeIfPresent([NamedValue].self, forKey: .tags) ?? [],
            metadata: try values.decodeIfPresent([NamedValue].self, forKey: .metadata) ?? []
        )
    }
}
