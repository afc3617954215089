// SPDX-License-Identifier: Apache-2.0

/// A term that a URL cannot have.
public struct TermError: Error, Hashable, Sendable {
    /// The terms, by the names of the command's options.
    public enum Term: String, Hashable, Sendable {
        case contentType = "content-type"
        case header = "header"
        case filename = "filename"
        case responseContentType = "response-content-type"
        case versionID = "version-id"
        case noOverwrite = "no-overwrite"
        case contentLength = "content-length"
    }

    /// Which one.
    public var term: Term
    /// Why not, as the end of a sentence.
    public var problem: String

    init(_ term: Term, _ problem: String) {
        self.term = term
        self.problem = problem
    }
}

extension TermError: CustomStringConvertible {
    /// The whole sentence.
    public var description: String { "--\(term.rawValue) \(problem)" }
}
