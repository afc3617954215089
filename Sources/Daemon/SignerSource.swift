// SPDX-License-Identifier: Apache-2.0

import Credentials
import Jobs
import Sign
import Synchronization

/// Under what terms a signer is asked for.
struct SignerWish: Hashable, Sendable {
    /// The time by the store's clock.
    var now: Timestamp
    /// Whether the store refused the key as unknown or ended, so that it is read anew.
    var fresh = false
    /// How long a link shall live; a key that ends before is renewed first, where that may help.
    var lasting = Span.zero
    /// The region that the bucket was found in, where that is another than is set up.
    var region: String?
}

/// A signer, and when its key ends.
struct DatedSigner: Sendable {
    var signer: any URLSigner
    /// The end of the key, if it is a temporary one.
    var endsAt: Timestamp?
    /// Counts the keys of its source: another key has a higher one.
    var number: Int
    /// Tells the key from others, also over restarts.
    var mark: Int64
}

/// Hands out the signer of one purpose, made with the key as of now.
protocol SignerSource: Sendable {
    /// The signer, and the end of its key.
    ///
    /// - Throws: `Failure` with the advice to park the store, when there is no key or it cannot sign.
    func signer(_ wish: SignerWish) async throws(Failure) -> DatedSigner

    /// What tells a URL that the key signed from another.
    func verificationKey(at now: Timestamp) async throws(Failure) -> VerificationKey
}

/// Makes a signer of a key, and keeps it for as long as the key stays the same.
final class KeptSigner<Key: Equatable & Sendable>: SignerSource {
    private struct Made {
        var key: Key
        var region: String?
        var signer: any URLSigner
        var number: Int
        var mark: Int64
    }

    private let store: String
    private let file: String?
    private let keys: CredentialProvider<Key>
    private let end: @Sendable (Key) -> Timestamp?
    private let verify: @Sendable (Key) throws(SignError) -> VerificationKey
    private let mark: @Sendable (Key) throws(SignError) -> Int64
    private let make: @Sendable (Key, String?) throws(SignError) -> any URLSigner
    private let latest = Mutex<Made?>(nil)

    /// Prepares; nothing is read yet.
    ///
    /// - Parameters:
    ///   - store: the store's name, for the text of failures.
    ///   - keys: where the key comes from.
    ///   - file: the file it is in, for the text of failures, where a key may turn out to be none.
    ///   - end: when a key ends.
    ///   - verify: what a key verifies by.
    ///   - mark: tells a key from others; stored, so that it must say nothing of the key.
    ///   - make: makes the signer of a key, for the region of the wish.
    init(
        store: String,
        _ keys: CredentialProvider<Key>,
        in file: String? = nil,
        endOf end: @escaping @Sendable (Key) -> Timestamp? = { _ in nil },
        verify: @escaping @Sendable (Key) throws(SignError) -> VerificationKey,
        mark: @escaping @Sendable (Key) throws(SignError) -> Int64,
        make: @escaping @Sendable (Key, String?) throws(SignError) -> any URLSigner
    ) {
        self.store = store
        self.keys = keys
        self.file = file
        self.end = end
        self.verify = verify
        self.mark = mark
        self.make = make
    }

    func signer(_ wish: SignerWish) async throws(Failure) -> DatedSigner {
        let key = try await key(wish)
        return try latest.withLock { (latest) throws(Failure) in
            if let latest, latest.key == key, latest.region == wish.region {
                return DatedSigner(
                    signer: latest.signer,
                    endsAt: end(key),
                    number: latest.number,
                    mark: latest.mark
                )
            }
            do throws(SignError) {
                let signer = try make(key, wish.region)
                let number = (latest?.number ?? 0) + 1
                let mark = try mark(key)
                latest = Made(
                    key: key,
                    region: wish.region,
                    signer: signer,
                    number: number,
                    mark: mark
                )
                return DatedSigner(signer: signer, endsAt: end(key), number: number, mark: mark)
            } catch {
                throw failure(ofKey: error)
            }
        }
    }

    func verificationKey(at now: Timestamp) async throws(Failure) -> VerificationKey {
        let key = try await key(SignerWish(now: now))
        do throws(SignError) {
            return try verify(key)
        } catch {
            throw failure(ofKey: error)
        }
    }

    private func key(_ wish: SignerWish) async throws(Failure) -> Key {
        do throws(CredentialError) {
            return try await keys.key(at: wish.now, fresh: wish.fresh, lasting: wish.lasting)
        } catch {
            throw failure("\(error)")
        }
    }

    private func failure(ofKey error: SignError) -> Failure {
        failure((file.map { "\($0): " } ?? "") + "\(error)")
    }

    private func failure(_ problem: String) -> Failure {
        Failure(.parkStore, code: "no-credentials", message: "store \(store): \(problem)")
    }
}
