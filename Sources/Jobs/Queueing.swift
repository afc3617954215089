// SPDX-License-Identifier: Apache-2.0

/// How a template's files wait: `order` and `weight`.
public struct Queueing: Hashable, Sendable, Codable {
    /// The highest weight.
    public static let mostWeight = 100

    /// Which of the files that wait goes first; default `oldest`.
    public var order: QueueOrder
    /// The share of places beside other templates that have work too, 1 to 100; default 1.
    public var weight: Int

    /// Makes rules.
    public init(order: QueueOrder = .oldest, weight: Int = 1) {
        self.order = order
        self.weight = weight
    }
}

/// Which of the files that wait goes first.
public enum QueueOrder: String, Hashable, Sendable, Codable, CaseIterable {
    /// The one that is due longest.
    case oldest
    /// The one that was due last.
    case newest
    /// The one with the fewest bytes.
    case smallest
}

extension KeyedEncodingContainer {
    /// Leaves out what is usual, so that a template without such rules is written as before.
    mutating func encode(_ queueing: Queueing, forKey key: Key) throws {
        guard queueing != Queueing() else { return }
        try encodeIfPresent(queueing, forKey: key)
    }
}
