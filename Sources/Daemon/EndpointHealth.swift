// SPDX-License-Identifier: Apache-2.0

import Jobs

/// How much a sink that is told of single events bears, learned from its answers.
///
/// What fails for one event may be the event's fault; what fails for all is the endpoint's, and then
/// its other events are not tried, and lose no attempt.
struct EndpointHealth: Sendable {
    /// So many failures in a row are an outage.
    static let patience = 10
    /// How long nothing is tried in an outage, at first and at most.
    static let pauses = (first: Span.seconds(5), longest: Span.seconds(300))
    /// An outage that lasts longer does not end by itself.
    static let longestOutage = Span.seconds(5 * 86_400)

    /// The most events that it is told of at the same time.
    let most: Int
    /// Of how many events it may be told at the same time now.
    private(set) var places: Int
    /// Failures since the last success.
    private(set) var failures = 0
    /// When the first of them was.
    private(set) var failingSince: Timestamp?
    /// When it was told of an event last, since the start.
    private(set) var succeededAt: Timestamp?
    /// Nothing is tried before.
    private(set) var notBefore: Timestamp?
    private var pause = Span.zero
    private var successes = 0

    init(most: Int) {
        self.most = most
        places = most
    }

    /// Whether only single events are tried, to see whether it can be told again.
    var isOut: Bool { failures >= Self.patience }

    /// Of how many events it may be told at the same time.
    func places(at now: Timestamp) -> Int {
        if let notBefore, now < notBefore { 0 } else { places }
    }

    /// Notes that it was told of an event.
    ///
    /// - Returns: For how long it had failed before, if it had.
    mutating func succeeded(at now: Timestamp) -> Span? {
        let outage = failingSince.map { now - $0 }
        failures = 0
        succeededAt = now
        failingSince = nil
        notBefore = nil
        pause = .zero
        guard places < most else { return outage }
        successes += 1
        if successes >= places {
            places += 1
            successes = 0
        }
        return outage
    }

    /// Notes that an attempt failed.
    ///
    /// - Parameters:
    ///   - isOverloaded: Whether it wants to be asked less.
    ///   - asked: How long it asked to be left alone.
    ///   - now: The present moment.
    mutating func failed(isOverloaded: Bool = false, asked: Span? = nil, at now: Timestamp) {
        failures += 1
        failingSince = failingSince ?? now
        if isOverloaded || asked != nil {
            places = 1
            successes = 0
            if let asked { rest(min(asked, Self.pauses.longest), at: now) }
        }
        // What was under way when it began to fail says nothing new.
        guard isOut, notBefore.map({ $0 <= now }) ?? true else { return }
        places = 1
        successes = 0
        pause = pause == .zero ? Self.pauses.first : Span(nanoseconds: pause.nanoseconds * 2)
        pause = min(pause, Self.pauses.longest)
        rest(pause, at: now)
    }

    /// Notes that it failed before this process began to tell it.
    mutating func hasFailed(since moment: Timestamp) { failingSince = moment }

    /// Notes that nothing can be told for a reason that has nothing to do with the event.
    mutating func blocked(at now: Timestamp) {
        failures = max(failures, Self.patience - 1)
        failed(at: now)
    }

    /// Whether it failed for so long that a person has to see to it.
    func isHopeless(at now: Timestamp) -> Bool {
        isOut && failingSince.map { now - $0 >= Self.longestOutage } ?? false
    }

    /// Has the next event tried at once.
    mutating func tryAgain() {
        notBefore = nil
        pause = .zero
    }

    private mutating func rest(_ span: Span, at now: Timestamp) {
        notBefore = max(notBefore ?? now, now + span)
    }
}
