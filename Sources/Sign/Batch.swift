// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Answers lines of `presign --batch` one after the other.
///
/// The signer of the latest line is kept: most batches name the same store and key in every line,
/// and making the day's key costs more than reading a line.
public struct Batch: Sendable {
    /// The longest line that is read, in bytes; a request has a few hundred, a key in PEM two thousand.
    public static let longestLine = 1 << 20

    private var known: BatchRequest.KnownSigner?

    /// Begins a batch.
    public init() {}

    /// Answers the next line.
    ///
    /// - Parameters:
    ///   - line: the bytes up to the newline.
    ///   - now: the time of signing where the line names none.
    /// - Returns: the answer, or nothing for a line of white space.
    public mutating func answer(_ line: some Collection<UInt8>, now: Timestamp) -> BatchLine? {
        let bytes = Array(line)
        let isBlank = bytes.allSatisfy { $0 == 0x20 || (0x09...0x0d).contains($0) }
        if isBlank { return nil }
        guard bytes.count <= Self.longestLine else {
            return BatchLine(BatchError("the line is longer than \(Self.longestLine) bytes"))
        }
        do {
            let request = try BatchRequest(bytes, now: now, known: known)
            known = request.signer
            return BatchLine(try request.sign())
        } catch {
            return BatchLine(error)
        }
    }
}
