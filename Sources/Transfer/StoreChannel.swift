// SPDX-License-Identifier: Apache-2.0
public import HTTP
public import Jobs
public import Objects
internal import Synchronization

/// Everything that is sent to one store goes through here, uploads and proofs alike.
///
/// Each attempt is signed anew, at the store's time. A bad moment of the store or the network is
/// tried again within seconds (`RequestPolicy`), as long as the store's bucket has tokens; a store
/// that asks for less is sent less (`SendPace`), and one that is out nearly nothing (`Breaker`); a wrong clock or region is corrected and an ended key
/// renewed, each once a request. What is still trouble then is the job's, which waits longer.
public final class StoreChannel: Sendable {
    /// The store, as it is named in messages.
    public let place: StorePlace
    let http: HTTPClient
    private let caFile: String?
    let policy: RequestPolicy
    let clock: StoreClock
    let region: BucketRegion
    let first = FirstAnswer()
    let state = Mutex(State())
    let pause: @Sendable (Duration) async throws -> Void

    struct State {
        var bucket = TokenBucket()
        var pace = SendPace()
        var breaker = Breaker()
        /// How the last request ended that the store failed; the same is told those that are not sent.
        var trouble: Result<HTTPResponse, HTTPError>?
    }

    /// Makes the channel to one store.
    ///
    /// - Parameters:
    ///   - http: Sends the requests.
    ///   - place: The store, as it is named in messages.
    ///   - caFile: Certificates to trust for this store.
    ///   - region: Where the bucket is; two channels to one bucket share it.
    ///   - now: The wall clock of this machine.
    ///   - sinceBoot: Nanoseconds that this machine runs; nothing to have it asked.
    public convenience init(
        http: HTTPClient,
        place: StorePlace,
        caFile: String? = nil,
        region: BucketRegion = BucketRegion(),
        now: @escaping @Sendable () -> Timestamp,
        sinceBoot: (@Sendable () -> Int64)? = nil
    ) {
        self.init(
            http: http,
            place: place,
            caFile: caFile,
            region: region,
            now: now,
            running: sinceBoot ?? StoreClock.sinceBoot
        ) { duration in
            try await Task.sleep(for: duration)
        }
    }

    /// Makes a channel whose pauses, and whose clock since boot, are another's business.
    init(
        http: HTTPClient,
        place: StorePlace,
        caFile: String? = nil,
        region: BucketRegion = BucketRegion(),
        now: @escaping @Sendable () -> Timestamp,
        running: @escaping @Sendable () -> Int64 = StoreClock.sinceBoot,
        policy: RequestPolicy = RequestPolicy(),
        pause: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.http = http
        self.place = place
        self.caFile = caFile
        self.policy = policy
        self.pause = pause
        clock = StoreClock(wall: now, running: running)
        self.region = region
    }

    /// The store's time, as far as it is known.
    public var now: Timestamp { clock.now }

    /// How far the store's clock is ahead of this machine's.
    public var clockOffset: Span { clock.offset }

    /// Retries that the store may still be asked for.
    var tokens: Int { state.withLock { $0.bucket.tokens } }

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
    ///   - countsAttempts: Whether it must be known for sure how often it was sent.
    ///   - deed: What it is asked for; for the text of a failure.
    /// - Returns: The answer and what it means.
    /// - Throws: `Failure`, or the error of the body's source.
    func send(
        _ request: ObjectRequest,
        _ body: HTTPBody = .none,
        _ signer: Signer,
        subject: @autoclosure () -> String,
        isTagged: Bool = true,
        answerTimeout: Duration? = nil,
        longestAnswer: Int? = nil,
        countsAttempts: Bool = false,
        for deed: Deed = .upload
    ) async throws -> StoreReply {
        // A large body would keep the others waiting for longer than it is worth.
        let goesAlone = body.length <= 8 << 20
        let ended = try await attempts(of: request.method, goesAlone: goesAlone) { terms in
            let signed = try await sign(request, terms, by: signer)
            var http = HTTPRequest(signed, body: body, caFile: caFile)
            http.answerTimeout = answerTimeout
            http.opensConnection = countsAttempts
            if let longestAnswer { http.maxResponseBytes = longestAnswer }
            return http
        }
        switch ended.response {
        case .success(let response):
            let answer = StoreAnswer(response)
            let meaning = answer.meaning(
                of: request.method,
                request.key,
                at: place,
                now: ended.signedAt,
                isTagged: isTagged,
                for: deed
            )
            return StoreReply(answer: answer, meaning: meaning, attempts: ended.count)
        case .failure(.sourceFailed(_, let error as SourceError)):
            throw error
        case .failure(let error):
            throw Failure(error, subject(), place)
        }
    }

    /// Fetches by a URL that is signed for who will have it.
    ///
    /// - Parameters:
    ///   - isMadeAnew: Whether `make` makes another where the clocks tell that the first is of no use.
    ///   - make: Makes the request of an attempt.
    /// - Returns: The answer.
    /// - Throws: `HTTPError`, or what `make` throws.
    func fetch(
        isMadeAnew: Bool,
        _ make: () async throws -> HTTPRequest
    ) async throws -> HTTPResponse {
        try await attempts(of: .get, changes: isMadeAnew ? [.clock] : []) { _ in
            try await make()
        }.response.get()
    }

    private func sign(
        _ request: ObjectRequest,
        _ terms: SigningTerms,
        by signer: Signer
    ) async throws -> SignedRequest {
        do {
            return try await signer(request, terms)
        } catch {
            throw Failure.unsigned(error, place)
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
