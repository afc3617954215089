// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import Jobs
internal import Objects
internal import Synchronization

extension StoreChannel {
    /// How the attempts of one request ended.
    struct Attempts {
        var response: Result<HTTPResponse, HTTPError>
        /// What the last was signed for.
        var signedAt: Timestamp
        /// How many there were.
        var count: Int
    }

    /// Tries a request as often as its policy and the store's tokens allow.
    ///
    /// - Parameters:
    ///   - method: What is asked.
    ///   - changes: What another signature may have changed; nothing where there is but one.
    ///   - goesAlone: Whether it may keep the others waiting when it is the first.
    ///   - make: Makes the request of an attempt, signed under its terms.
    /// - Returns: How the last attempt ended.
    /// - Throws: What `make` throws, or `CancellationError` in a pause.
    func attempts(
        of method: HTTPMethod,
        changes: Set<RequestPolicy.Change> = [.clock, .key, .region],
        goesAlone: Bool = true,
        _ make: (SigningTerms) async throws -> HTTPRequest
    ) async throws -> Attempts {
        var tries = RequestPolicy.Tries()
        tries.changed = Set([.clock, .key, .region]).subtracting(changes)
        var renewsKey = false
        var refused: (request: HTTPRequest, end: Attempts)?
        var lastCost: Int?
        var count = 0
        var isFirst = false
        // A large one ends the wait for the first too.
        defer { if isFirst || !goesAlone { first.ended() } }
        while true {
            try await untilAdmitted()
            // First of all, so that no jump after it goes unnoticed.
            let clocks = http.clocks
            if !isFirst { isFirst = await first.isFirst(goesAlone, isDoubtful: clock.takeDoubt) }
            if let trouble = refusal() {
                return Attempts(response: trouble, signedAt: clock.now, count: count)
            }
            // For the same moment the same key signs alike, and would be refused again.
            let signedAt = refused?.end.signedAt ?? clock.now
            let terms = SigningTerms(now: signedAt, region: region.other, renewsKey: renewsKey)
            var request = try await make(terms)
            request.signedAt = clocks
            if let refused, refused.request.isSigned(as: request) { return refused.end }
            renewsKey = false
            refused = nil
            let response = await result(of: request)
            count += 1
            tries.made += 1
            let ending = ending(response, method, signedAt)
            note(ending, response, lastCost: lastCost)
            let end = Attempts(response: response, signedAt: signedAt, count: count)
            switch policy.after(ending, tries, jitter: Double.random(in: 0..<1)) {
            case .deliver:
                if !changes.contains(.region) { prepareNext(after: ending, terms) }
                if case .success(let response) = response { learn(from: response, method) }
                return end
            case .again(let span, let cost):
                // One request is enough to see whether a store that is out is back.
                let goesOn = state.withLock { !$0.breaker.isOpen && $0.bucket.pay(cost) }
                guard goesOn else { return end }
                lastCost = cost
                try await pause(span.duration)
            case .signAnew:
                tries.made -= 1
                tries.wakings += 1
            case .correctClock(let offset):
                clock.correct(by: offset, signedAt: signedAt)
                tries.changed.insert(.clock)
                tries.made -= 1
            case .changeRegion(let name):
                guard region.learn(name, signedFor: terms.region) else { return end }
                tries.changed.insert(.region)
                tries.made -= 1
            case .renewKey:
                renewsKey = true
                tries.changed.insert(.key)
                tries.made -= 1
            case .replaceKey:
                refused = (request, end)
                renewsKey = true
                tries.changed.insert(.key)
                tries.made -= 1
            }
        }
    }

    /// What was signed once and for all fails; the next that is signed has the right time and region.
    private func prepareNext(after ending: RequestPolicy.Ending, _ terms: SigningTerms) {
        switch ending {
        case .trouble(.skew(let offset)): clock.correct(by: offset, signedAt: terms.now)
        case .trouble(.elsewhere(let name)): _ = region.learn(name, signedFor: terms.region)
        default: break
        }
    }

    /// Waits until the pace that the store allows has room for one more.
    private func untilAdmitted() async throws {
        while true {
            let wait = state.withLock { $0.pace.admit(at: StoreClock.sinceBoot()) }
            guard wait > 0 else { return }
            try await pause(.nanoseconds(wait))
        }
    }

    /// The trouble of the last request, while hardly any is sent because of it.
    private func refusal() -> Result<HTTPResponse, HTTPError>? {
        state.withLock { state in
            state.breaker.admits(at: StoreClock.sinceBoot()) ? nil : state.trouble
        }
    }

    private func result(of request: HTTPRequest) async -> Result<HTTPResponse, HTTPError> {
        do throws(HTTPError) {
            return .success(try await http.send(request))
        } catch {
            return .failure(error)
        }
    }

    private func ending(
        _ response: Result<HTTPResponse, HTTPError>,
        _ method: HTTPMethod,
        _ signedAt: Timestamp
    ) -> RequestPolicy.Ending {
        switch response {
        case .success(let response):
            let answer = StoreAnswer(response)
            let trouble = answer.trouble(of: method, at: place, signedAt: signedAt)
            return trouble.map { .trouble($0) } ?? .answered
        case .failure(let error):
            switch error {
            case .resolve, .connect, .timeout, .stalled, .connectionLost: return .lost
            case .slept: return .slept
            case .tls, .sourceFailed, .receiverFailed, .answerTooLarge, .badAnswer, .cancelled,
                .unavailable, .invalidRequest, .forbiddenAddress:
                return .failed
            }
        }
    }

    /// Keeps the store's account: what it took, and what it had no room for.
    private func note(
        _ ending: RequestPolicy.Ending,
        _ response: Result<HTTPResponse, HTTPError>,
        lastCost: Int?
    ) {
        let now = StoreClock.sinceBoot()
        state.withLock { state in
            switch ending {
            case .answered:
                state.breaker.succeeded()
                state.bucket.refund(lastCost: lastCost)
                state.pace.succeeded(at: now)
            case .trouble(.throttling):
                state.breaker.throttled()
                state.trouble = response
                state.pace.throttled(at: now)
            case .trouble(.transient):
                state.breaker.failed()
                state.trouble = response
            case .lost:
                state.breaker.failed()
                state.trouble = response
                // An outage says nothing of how much a store takes; a single loss is none.
                if state.breaker.isOpen { state.pace.forget() }
            // The store answers; what it refuses is another's business.
            case .trouble: state.breaker.succeeded()
            case .failed, .slept: break
            }
        }
    }

    /// Takes the store's date from what it answered to a request of ours; not from a fetch, which a
    /// cache may have answered with a date of long ago.
    private func learn(from response: HTTPResponse, _ method: HTTPMethod) {
        guard method != .get, response.headers["age"] == nil,
            let date = StoreAnswer(response).date
        else { return }
        clock.learn(date)
    }
}

extension HTTPRequest {
    /// Whether another request has the same URL and headers, and so the same signature.
    fileprivate func isSigned(as other: HTTPRequest) -> Bool {
        url == other.url && headers.elementsEqual(other.headers, by: ==)
    }
}
