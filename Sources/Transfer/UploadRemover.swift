// SPDX-License-Identifier: Apache-2.0
public import Jobs
public import Objects

/// Makes a store forget uploads in parts that nobody will finish: they cost money and no list of
/// objects shows them.
public struct UploadRemover: Sendable {
    private let channel: StoreChannel
    private var dialect: StoreDialect { channel.place.dialect }

    /// Makes the remover of one store.
    public init(channel: StoreChannel) { self.channel = channel }

    /// Aborts an upload and asks whether it is gone: a part that was on its way may come after the
    /// abort, so that it has to be repeated (AbortMultipartUpload, Amazon S3 API Reference).
    ///
    /// - Returns: Nothing once the store has confirmed that it is gone; otherwise why it is not.
    public func remove(_ key: ObjectKey, upload: String, signer: @escaping Signer) async -> Failure?
    {
        guard let request = dialect.abort(key, upload: upload) else { return nil }
        do {
            switch try await send(request, key, signer).meaning {
            case .noUpload, .missing: return nil
            case .failed(let failure): return failure
            case .done, .keyTaken, .headerRefused: break
            }
            switch try await send(dialect.parts(of: key, upload: upload, after: 0), key, signer)
                .meaning
            {
            case .noUpload, .missing: return nil
            // Who may abort may not be allowed to look; then the abort's own answer counts.
            case .failed(let failure) where failure.advice == .parkStore: return nil
            case .failed(let failure): return failure
            case .done, .keyTaken, .headerRefused: return Self.stillThere(key, channel.place)
            }
        } catch {
            return error
        }
    }

    /// The ids of all uploads under way at a key; nothing where there is no list of such a key.
    public func uploads(
        of key: ObjectKey,
        signer: @escaping Signer
    ) async throws(Failure) -> [String]? {
        guard let request = dialect.uploads(of: key) else { return nil }
        let reply = try await send(request, key, signer)
        switch reply.meaning {
        case .done:
            guard let ids = dialect.uploads(of: key, in: reply.answer) else {
                throw Failure(
                    .retry,
                    code: "undecided",
                    message: "\(channel.place) answered a question for its uploads with no list"
                )
            }
            return ids
        case .failed(let failure): throw failure
        case .missing, .keyTaken, .noUpload, .headerRefused: return []
        }
    }

    private func send(
        _ request: ObjectRequest,
        _ key: ObjectKey,
        _ signer: @escaping Signer
    ) async throws(Failure) -> StoreReply {
        try await channel.ask(
            request,
            signer,
            subject: "an unfinished upload of \(key) was not removed",
            longestAnswer: 4 << 20
        )
    }

    private static func stillThere(_ key: ObjectKey, _ place: StorePlace) -> Failure {
        Failure(
            .retry,
            code: "upload-remains",
            message: "\(place) still has an unfinished upload of \(key) after it was aborted"
        )
    }
}
