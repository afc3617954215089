// SPDX-License-Identifier: Apache-2.0

public import Jobs
import Synchronization

/// Hands out the key of one source, and renews it ahead of its end.
///
/// A key that is good costs a lock and nothing else, so it can be asked for with every signature.
/// Its files are looked at once a second at most; when they were written anew, callers wait for what
/// they say now. A key that ends is renewed in the background from 15 minutes before its end (half
/// its life, if that is short), and from 5 minutes before (a quarter) callers wait for it; until it
/// has really ended a renewal that fails harms nobody. One renewal runs at a time, for all callers.
///
/// What follows from what is decided in `RenewalState`, by numbers that `RenewalRule` has; a source
/// that has no key at all is tried again every second: what cures it should count at once.
public final class CredentialProvider<Key: Equatable & Sendable>: Sendable {
    typealias Find = @Sendable (Timestamp) async throws(CredentialError) -> Found<Key>

    private struct State {
        var renewal = RenewalState<Key>()
        var task: Task<Void, Never>?
    }

    private enum Step {
        case answer(RenewalState<Key>.Move)
        case wait(Task<Void, Never>)
    }

    private let files: [SecretFile]
    private let find: Find
    private let state = Mutex(State())

    /// Makes a provider; nothing is read yet.
    ///
    /// - Parameters:
    ///   - files: what was written anew when the key is another.
    ///   - find: reads the key, as of a time.
    init(files: [SecretFile], find: @escaping Find) {
        self.files = files
        self.find = find
    }

    /// The key as of now.
    ///
    /// - Parameters:
    ///   - now: the time by the store's clock.
    ///   - fresh: whether the store refused the key as unknown or ended, so that it is read anew;
    ///     many who say so of one key cause one reading.
    ///   - lifetime: how long a link shall live that it is wanted for; a key that ends before is
    ///     renewed first, where that may help.
    /// - Returns: the key.
    /// - Throws: `CredentialError` when the source has none.
    public func key(
        at now: Timestamp,
        fresh: Bool = false,
        lasting lifetime: Span = .zero
    ) async throws(CredentialError) -> Key {
        let wish = RenewalState<Key>.Wish(now: now, fresh: fresh, lasting: lifetime)
        if let found = state.withLock({ $0.renewal.quick(wish) }) { return found.key }
        let move: RenewalState<Key>.Move
        switch step(wish) {
        case .answer(let answer):
            move = answer
        case .wait(let task):
            await Self.wait(for: task)
            move = state.withLock { $0.renewal.fallback(at: now) }
        }
        switch move {
        case .use(let found), .renewBehind(let found): return found.key
        case .fail(let error): throw error
        case .renewFirst(_):
            throw .unreachable(source: "the access key", problem: "it is being renewed")
        }
    }

    /// Waits for a renewal's end, but no longer than the caller's own task may.
    private static func wait(for renewal: Task<Void, Never>) async {
        let (end, teller) = AsyncStream.makeStream(of: Void.self)
        // Ends with the renewal.
        Task {
            await renewal.value
            teller.finish()
        }
        for await _ in end {}
    }

    /// Decides, and begins the renewal that is called for unless one is under way.
    private func step(_ wish: RenewalState<Key>.Wish) -> Step {
        state.withLock { state in
            // Taken before the content: a file written in between is read again next time.
            let (move, stamps) = state.renewal.decide(wish) { files.map(\.stamp) }
            switch move {
            case .use, .fail:
                return .answer(move)
            case .renewBehind:
                if state.task == nil { state.task = begin(wish.now, stamps, forced: false) }
                return .answer(move)
            case .renewFirst(let forced):
                let task = state.task ?? begin(wish.now, stamps, forced: forced)
                state.task = task
                return .wait(task)
            }
        }
    }

    /// One at a time, and each ends by itself: whatever it asks has a limit of time.
    private func begin(
        _ now: Timestamp,
        _ stamps: [SecretFile.Stamp?],
        forced: Bool
    ) -> Task<Void, Never> {
        Task {
            let result: Result<Found<Key>, CredentialError>
            do throws(CredentialError) {
                result = .success(try await find(now))
            } catch {
                result = .failure(error)
            }
            state.withLock { state in
                state.renewal.take(result, stamps, forced: forced, at: now)
                state.task = nil
            }
        }
    }
}

extension CredentialProvider where Key == AccessKey {
    /// Makes a provider of an access key; nothing is read yet.
    public convenience init(_ source: CredentialSource, finder: CredentialFinder) {
        self.init(files: finder.files(behind: source)) { now throws(CredentialError) in
            try await finder.look(for: source, at: now)
        }
    }
}

extension CredentialProvider where Key == GoogleCredential {
    /// Makes a provider of a key for Google Cloud Storage; nothing is read yet.
    public convenience init(_ source: GoogleCredentialSource, finder: CredentialFinder) {
        self.init(files: finder.files(behind: source)) { _ throws(CredentialError) in
            Found(try finder.find(source))
        }
    }
}

extension CredentialProvider where Key == Secret {
    /// Makes a provider of a storage account's key; nothing is read yet.
    public convenience init(_ source: AzureCredentialSource, finder: CredentialFinder) {
        self.init(files: finder.files(behind: source)) { _ throws(CredentialError) in
            Found(try finder.find(source))
        }
    }

    /// Makes a provider of a private key; nothing is read yet.
    public convenience init(privateKeyFile path: String, finder: CredentialFinder) {
        self.init(files: [SecretFile(path: path)]) { _ throws(CredentialError) in
            Found(try finder.privateKey(in: path))
        }
    }
}
