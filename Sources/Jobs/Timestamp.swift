// SPDX-License-Identifier: Apache-2.0

/// A moment on the wall clock: nanoseconds since 1970-01-01T00:00:00Z.
///
/// File times need the nanoseconds, and every file passes through here, so this is an integer and
/// not a `Date` (a `Double` cannot hold a file's mtime, and Foundation's formatters cost more than
/// a signature).
public struct Timestamp: Hashable, Comparable, Sendable, Codable {
    /// Nanoseconds since 1970-01-01T00:00:00Z; negative before.
    public var nanoseconds: Int64

    /// Makes a moment from nanoseconds since 1970.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Makes a moment from whole seconds (and nanoseconds within the second) since 1970.
    public init(seconds: Int64, nanoseconds: Int64 = 0) {
        self.nanoseconds = seconds &* 1_000_000_000 &+ nanoseconds
    }

    /// Whole seconds since 1970, rounded down.
    public var seconds: Int64 {
        let quotient = nanoseconds / 1_000_000_000
        return nanoseconds % 1_000_000_000 < 0 ? quotient - 1 : quotient
    }

    /// The start of this moment's second: what a signature or an expiry can express.
    public var wholeSecond: Timestamp { Timestamp(seconds: seconds) }

    /// Orders moments in time.
    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The moment a span later.
    public static func + (a: Timestamp, span: Span) -> Timestamp {
        Timestamp(nanoseconds: a.nanoseconds &+ span.nanoseconds)
    }

    /// The moment a span earlier.
    public static func - (a: Timestamp, span: Span) -> Timestamp {
        Timestamp(nanoseconds: a.nanoseconds &- span.nanoseconds)
    }

    /// The span from `b` to `a`; negative when `a` is earlier.
    public static func - (a: Timestamp, b: Timestamp) -> Span {
        Span(nanoseconds: a.nanoseconds &- b.nanoseconds)
    }

    /// Writes this moment as a bare integer, so that a template snapshot stays readable.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(nanoseconds)
    }

    /// Reads the bare integer that `encode` writes.
    public init(from decoder: any Decoder) throws {
        nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
    }
}

/// A length of time in nanoseconds.
///
/// Not `Swift.Duration`: its 128 bits and its `components` make every sum in the settle rule and
/// the retry rule longer than the rule itself.
public struct Span: Hashable, Comparable, Sendable, Codable {
    /// The length in nanoseconds; may be negative.
    public var nanoseconds: Int64

    /// Makes a span from nanoseconds.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// A span of whole seconds.
    public static func seconds(_ count: Int64) -> Span {
        Span(nanoseconds: count &* 1_000_000_000)
    }

    /// A span of milliseconds.
    public static func milliseconds(_ count: Int64) -> Span {
        Span(nanoseconds: count &* 1_000_000)
    }

    /// No time at all.
    public static let zero = Span(nanoseconds: 0)

    /// The length in whole seconds, rounded toward zero.
    public var seconds: Int64 { nanoseconds / 1_000_000_000 }

    /// The same length as the standard library's `Duration`, for clocks and timers.
    public var duration: Duration { .nanoseconds(nanoseconds) }

    /// Orders by length.
    public static func < (a: Span, b: Span) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Writes this span as a bare integer.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(nanoseconds)
    }

    /// Reads the bare integer that `encode` writes.
    public init(from decoder: any Decoder) throws {
        nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
    }
}
