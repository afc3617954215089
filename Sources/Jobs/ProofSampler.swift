// SPDX-License-Identifier: Apache-2.0

/// Which links of one store are fetched before they are published, under `prove: sampled`.
///
/// The first by each key is, and none is published before it; then one a minute. Once a link failed,
/// each is fetched as under `prove: each`, until one is good. A link that failed is fetched itself
/// before it is published, however many others were good meanwhile.
public struct ProofSampler: Hashable, Sendable {
    /// What is to be done about a link.
    public enum Answer: Hashable, Sendable {
        /// It is fetched; `ended` must be called then.
        case prove
        /// It is published as it was signed.
        case publish
        /// The first by its key is being fetched; ask again when that has ended.
        case wait
    }

    private enum State: Hashable {
        case untried
        case failing
        case good(since: Timestamp)
    }

    /// The time between two samples that are good.
    public static let pause = Span.seconds(60)

    private var key = 0
    private var state = State.untried
    /// The link that is fetched for all.
    private var sample: UniqueID?
    private var failed: Set<UniqueID> = []

    /// Knows of no link yet.
    public init() {}

    /// Decides about a link.
    ///
    /// - Parameters:
    ///   - link: its id.
    ///   - number: counts the keys of the store; a later key has a higher number.
    ///   - now: the moment; where it lies before the last sample, the clock was set back, and a
    ///     sample is due.
    /// - Returns: what is to be done.
    public mutating func ask(
        _ link: UniqueID,
        byKey number: Int,
        at now: Timestamp
    ) -> Answer {
        if number > key {
            key = number
            state = .untried
            sample = nil
        }
        guard number == key, !failed.contains(link) else { return .prove }
        switch state {
        case .failing:
            return .prove
        case .untried:
            guard sample == nil else { return .wait }
        case .good(let since):
            guard sample == nil, now < since || now - since >= Self.pause else {
                return .publish
            }
        }
        sample = link
        return .prove
    }

    /// Takes in how fetching a link ended.
    ///
    /// - Parameters:
    ///   - link: its id.
    ///   - number: of the key that signed it, as it was asked about.
    ///   - isGood: whether it serves its object; nothing when it was broken off.
    ///   - now: the moment.
    public mutating func ended(
        _ link: UniqueID,
        byKey number: Int,
        isGood: Bool?,
        at now: Timestamp
    ) {
        switch isGood {
        case true?: failed.remove(link)
        case false?: failed.insert(link)
        case nil: break
        }
        // Of a key that is past nothing is to be learned.
        guard number == key else { return }
        if sample == link { sample = nil }
        switch isGood {
        case true?: state = .good(since: now)
        case false?: state = .failing
        case nil: break
        }
    }
}
