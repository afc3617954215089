// SPDX-License-Identifier: Apache-2.0

/// A large value that is stored once, however many others hold it: copying it costs one count.
///
/// Equality is that of the value; two holders of the same store need no comparison.
public final class Shared<Value: Hashable & Sendable>: Sendable {
    /// What is shared.
    public let value: Value

    /// Stores a value.
    public init(_ value: Value) { self.value = value }
}

extension Shared: Hashable {
    /// Whether the values are equal.
    public static func == (a: Shared, b: Shared) -> Bool { a === b || a.value == b.value }

    /// Hashes the value.
    public func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
