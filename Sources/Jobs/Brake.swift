// SPDX-License-Identifier: Apache-2.0

/// How much may come for one template within ten minutes and be sent unasked.
///
/// More than that is nearly always the wrong folder, or the wrong disk mounted on it: a person has to
/// say that it is meant.
public struct Brake: Hashable, Sendable {
    /// The time that is looked back on.
    public static let window = Span.seconds(600)
    /// Nothing is held.
    public static let off = Brake(files: nil, bytes: nil)

    /// Files; default 100,000; nothing for any number.
    public var files: Int?
    /// Bytes; default 1 TiB; nothing for any number.
    public var bytes: Int64?

    /// Makes a brake.
    public init(files: Int? = 100_000, bytes: Int64? = 1 << 40) {
        self.files = files
        self.bytes = bytes
    }

    /// Whether so much is too much.
    public func isExceeded(files: Int, bytes: Int64) -> Bool {
        self.files.map { files > $0 } ?? false || self.bytes.map { bytes > $0 } ?? false
    }
}
