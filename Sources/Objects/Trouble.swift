// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// What an answer that is no success means for the request itself, before the job hears of it.
public enum Trouble: Hashable, Sendable {
    /// The store asks for less; no sooner than it says, if it does.
    case throttling(wish: Span?)
    /// The store had a bad moment.
    case transient(wish: Span?)
    /// The signature's time is wrong by as much as the clocks differ: the store's less ours.
    case skew(Span)
    /// The bucket is in another region, which the store names.
    case elsewhere(region: String)
    /// The key has ended, or the signed URL has, although the clocks agree.
    case credentials
    /// The key is refused as unknown, wrong or without the right; another may have been set up since.
    case refusedKey
    /// Sending it again would change nothing.
    case final
}

extension StoreAnswer {
    /// Judges an answer; nothing when it is a success, or means something else than trouble.
    ///
    /// - Parameters:
    ///   - method: What was asked.
    ///   - place: Where it was asked.
    ///   - signedAt: The moment the request was signed for.
    /// - Returns: The class of RELIABILITY's table ("Retry semantics") that the answer is of.
    public func trouble(
        of method: HTTPMethod,
        at place: StorePlace,
        signedAt: Timestamp
    ) -> Trouble? {
        let rules = place.dialect.rules
        let isGood = (200..<300).contains(status)
        let error = isGood && method == .get ? nil : rules.error(in: self)
        if isGood, error == nil { return nil }
        let said = error ?? StoreError()
        // 412 and what says that an upload or object is missing are answers, not troubles.
        if rules.isKeyTaken(self, said) { return nil }
        if method != .put, rules.isMissing(self, said) { return nil }
        switch kind(said, rules) {
        case .throttling: return .throttling(wish: wish(at: signedAt))
        case .transient: return .transient(wish: wish(at: signedAt))
        case .clock:
            return skew(signedAt).map { .skew($0) } ?? .credentials
        case .signature:
            return skew(signedAt).map { .skew($0) } ?? .refusedKey
        case .denied where said.message.isEmpty || status == 403 && method == .head:
            // Ceph says no more than AccessDenied to a URL whose time is wrong.
            return skew(signedAt).map { .skew($0) } ?? .refusedKey
        case .expiredCredentials: return .credentials
        case .unknownKey, .denied: return .refusedKey
        case .region: return region(said).map { .elsewhere(region: $0) } ?? .final
        case .noBucket, .full, .account, .notAStore, .integrity, .tooLarge, .nameTooLong,
            .permanent:
            return .final
        }
    }

    /// The store's clock less ours, if they differ by five minutes or more: less than that is no
    /// reason to refuse a signature.
    private func skew(_ signedAt: Timestamp) -> Span? {
        guard let lead = clockLead(at: signedAt), abs(lead.seconds) >= 300 else { return nil }
        return Span(nanoseconds: -lead.nanoseconds)
    }
}
