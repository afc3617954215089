// SPDX-License-Identifier: Apache-2.0

public import Jobs
import Synchronization

/// Hands out the key of one source, and reads it anew when its files were written.
///
/// Files are looked at once a second at most, so a key can be asked for with every signature. A
/// source that fails is tried again each time: what cures it should count at once.
public final class CredentialProvider: Sendable {
    private struct Known {
        var key: AccessKey
        var stamps: [SecretFile.Stamp?]
        var lookedAt: Timestamp
    }

    private let finder: CredentialFinder
    private let source: CredentialSource
    private let files: [SecretFile]
    private let known = Mutex<Known?>(nil)

    /// Makes a provider; nothing is read yet.
    public init(_ source: CredentialSource, finder: CredentialFinder) {
        self.finder = finder
        self.source = source
        files = finder.files(behind: source)
    }

    /// The key as of now.
    ///
    /// - Throws: `CredentialError` when the source has none.
    public func key(at now: Timestamp) throws(CredentialError) -> AccessKey {
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
            let key = try finder.find(source)
            known = Known(key: key, stamps: stamps, lookedAt: now)
            return key
        }
    }
}
