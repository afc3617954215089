// SPDX-License-Identifier: Apache-2.0

/// How many retries a store may still be asked for; what goes well fills it again.
struct TokenBucket: Hashable {
    /// A full bucket.
    static let capacity = 500

    private(set) var tokens = capacity

    /// Pays for a retry; false, and nothing taken, when there are too few tokens.
    mutating func pay(_ cost: Int) -> Bool {
        guard tokens >= cost else { return false }
        tokens -= cost
        return true
    }

    /// Gives back for a success: one token, or what its last retry cost.
    mutating func refund(lastCost: Int?) {
        tokens = min(tokens + (lastCost ?? 1), Self.capacity)
    }
}
