// SPDX-License-Identifier: Apache-2.0

public import Jobs
import Synchronization

/// Hands out the key of one source, and reads it anew when its files were written.
///
/// Files are looked at once a second at most, so a key can be asked for with every signature. A
/// source that fails is tried again each time: what cures it should count at once.
public final class CredentialProvider<Key: Sendable>: Sendable {
    private struct Known {
        var key: Key
        var stamps: [SecretFile.Stamp?]
        var lookedAt: Timestamp
    }

    private let files: [SecretFile]
    private let find: @Sendable () throws(CredentialError) -> Key
    private let known = Mutex<Known?>(nil)

    /// Makes a provider; nothing is read yet.
    ///
    /// - Parameters:
    ///   - files: what was written anew when the key is another.
    ///   - find: reads the key.
    init(files: [SecretFile], find: @escaping @Sendable () throws(CredentialError) -> Key) {
        self.files = files
        self.find = find
    }

    /// The key as of now.
    ///
    /// - Throws: `CredentialError` when the source has none.
    public func key(at now: Timestamp) throws(CredentialError) -> Key {
        try known.withLock { (known) throws(CredentialError) in
            let age = known.map { now - $0.lookedAt }
            if let known, let age, age >= .zero, age < .seconds(1) { return known.key }
            // Taken before the content: a file written in between is read again next time.
            let stamps = files.map(\.stamp)
            if known?.stamps == stamps, let key = known?.key {
                known?.lookedAt = now
                return key
            }
            known = nil
            let key = try find()
            known = Known(key: key, stamps: stamps, lookedAt: now)
            return key
        }
    }
}

extension CredentialProvider where Key == AccessKey {
    /// Makes a provider of an access key; nothing is read yet.
    public convenience init(_ source: CredentialSource, finder: CredentialFinder) {
        self.init(files: finder.files(behind: source)) { () throws(CredentialError) in
            try finder.find(source)
        }
    }
}

extension CredentialProvider where Key == GoogleCredential {
    /// Makes a provider of a key for Google Cloud Storage; nothing is read yet.
    public convenience init(_ source: GoogleCredentialSource, finder: CredentialFinder) {
        self.init(files: finder.files(behind: source)) { () throws(CredentialError) in
            try finder.find(source)
        }
    }
}

extension CredentialProvider where Key == Secret {
    /// Makes a provider of a storage account's key; nothing is read yet.
    public convenience init(_ source: AzureCredentialSource, finder: CredentialFinder) {
        self.init(files: finder.files(behind: source)) { () throws(CredentialError) in
            try finder.find(source)
        }
    }

    /// Makes a provider of a private key; nothing is read yet.
    public convenience init(privateKeyFile path: String, finder: CredentialFinder) {
        self.init(files: [SecretFile(path: path)]) { () throws(CredentialError) in
            try finder.privateKey(in: path)
        }
    }
}
