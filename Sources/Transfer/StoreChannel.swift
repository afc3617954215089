// SPDX-License-Identifier: Apache-2.0
public import HTTP
public import Jobs
public import Objects

/// Everything that is sent to one store goes through here: signed anew for each attempt, at the
/// store's time.
public final class StoreChannel: Sendable {
    /// The store, as it is named in messages.
    public let place: StorePlace
    private let http: HTTPClient
    private let caFile: String?
    private let clock: @Sendable () -> Timestamp

    /// Makes the channel to one store.
    ///
    /// - Parameters:
    ///   - http: Sends the requests.
    ///   - place: The store, as it is named in messages.
    ///   - caFile: Certificates to trust for this store.
    ///   - now: The wall clock of this machine.
    public init(
        http: HTTPClient,
        place: StorePlace,
        caFile: String? = nil,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.http = http
        self.place = place
        self.caFile = caFile
        clock = now
    }

    /// The store's time, as far as it is known.
    public var now: Timestamp { clock() }

    /// Sends a request until it has an answer that means something.
    ///
    /// - Parameters:
    ///   - request: What to ask.
    ///   - body: What it carries; may be read more than once.
    ///   - signer: Signs each attempt.
    ///   - subject: What did not happen if it fails: `a.pdf was not uploaded as k/a.pdf`.
    ///   - isTagged: Whether what was stored has an ETag.
    ///   - answerTimeout: How long the answer may take; nothing for the usual.
    ///   - longestAnswer: Bytes that the answer may have; nothing for the usual.
    /// - Returns: The answer and what it means.
    /// - Throws: `Failure`, or the error of the body's source.
    func send(
        _ request: ObjectRequest,
        _ body: HTTPBody = .none,
        _ signer: Signer,
        subject: @autoclosure () -> String,
        isTagged: Bool = true,
        answerTimeout: Duration? = nil,
        longestAnswer: Int? = nil
    ) async throws -> StoreReply {
        let signed: SignedRequest
        do {
            signed = try await signer(request, SigningTerms(now: now))
        } catch {
            throw Failure.unsigned(error, place)
        }
        do {
            var http = HTTPRequest(signed, body: body, caFile: caFile)
            http.answerTimeout = answerTimeout
            if let longestAnswer { http.maxResponseBytes = longestAnswer }
            let answer = StoreAnswer(try await self.http.send(http))
            let meaning = answer.meaning(
                of: request.method,
                request.key,
                at: place,
                now: now,
                isTagged: isTagged
            )
            return StoreReply(answer: answer, meaning: meaning)
        } catch .sourceFailed(_, let error as SourceError) {
            throw error
        } catch {
            throw Failure(error, subject(), place)
        }
    }
}

/// What a store answered to one request.
struct StoreReply: Sendable {
    /// The answer itself.
    var answer: StoreAnswer
    /// What it means.
    var meaning: AnswerMeaning
    /// How often it was sent; what was sent more than once may have been done more than once.
    var attempts = 1
}
