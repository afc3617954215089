// SPDX-License-Identifier: Apache-2.0

/// A line that is no manifest line.
///
/// The text never holds any of the line: a line has a signed URL in it.
public struct ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, as the end of a sentence that begins with "the line".
    public var problem: String

    /// Makes an error.
    public init(problem: String) { self.problem = problem }

    /// The whole sentence.
    public var description: String { "the line \(problem)" }
}
