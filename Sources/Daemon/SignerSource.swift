// SPDX-License-Identifier: Apache-2.0

import Credentials
import Jobs
import Sign
import Synchronization

/// Hands out the signer of one purpose, made with the key as of now.
protocol SignerSource: Sendable {
    /// The signer.
    ///
    /// - Throws: `Failure` with the advice to park the store, when there is no key or it cannot sign.
    func signer() throws(Failure) -> any URLSigner

    /// When the key ends, if it is a temporary one.
    func keyEnd() throws(Failure) -> Timestamp?

    /// What tells a URL that the key signed from another.
    func verificationKey() throws(Failure) -> VerificationKey
}

/// Makes a signer of a key, and keeps it for as long as the key stays the same.
final class KeptSigner<Key: Equatable & Sendable>: SignerSource {
    private typealias Made = (key: Key, signer: any URLSigner)

    private let store: String
    private let file: String?
    private let keys: CredentialProvider<Key>
    private let end: @Sendable (Key) -> Timestamp?
    private let verify: @Sendable (Key) throws(SignError) -> VerificationKey
    private let make: @Sendable (Key) throws(SignError) -> any URLSigner
    private let latest = Mutex<Made?>(nil)

    /// Prepares; nothing is read yet.
    ///
    /// - Parameters:
    ///   - store: the store's name, for the text of failures.
    ///   - keys: where the key comes from.
    ///   - file: the file it is in, for the text of failures, where a key may turn out to be none.
    ///   - end: when a key ends.
    ///   - verify: what a key verifies by.
    ///   - make: makes the signer of a key.
    init(
        store: String,
        _ keys: CredentialProvider<Key>,
        in file: String? = nil,
        endOf end: @escaping @Sendable (Key) -> Timestamp? = { _ in nil },
        verify: @escaping @Sendable (Key) throws(SignError) -> VerificationKey,
        make: @escaping @Sendable (Key) throws(SignError) -> any URLSigner
    ) {
        self.store = store
        self.keys = keys
        self.file = file
        self.end = end
        self.verify = verify
        self.make = make
    }

    func signer() throws(Failure) -> any URLSigner {
        let key = try key()
        return try latest.withLock { (latest) throws(Failure) in
            if let latest, latest.key == key { return latest.signer }
            do throws(SignError) {
                let signer = try make(key)
                latest = (key, signer)
                return signer
            } catch {
                throw failure(ofKey: error)
            }
        }
    }

    func keyEnd() throws(Failure) -> Timestamp? { end(try key()) }

    func verificationKey() throws(Failure) -> VerificationKey {
        let key = try key()
        do throws(SignError) {
            return try verify(key)
        } catch {
            throw failure(ofKey: error)
        }
    }

    private func key() throws(Failure) -> Key {
        do throws(CredentialError) {
            return try keys.key(at: WallClock.now())
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
