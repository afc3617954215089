// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Why a text is no URL that could be inspected; the text itself is not shown, it may be a key.
public enum InspectionError: Error, Hashable, Sendable {
    /// More bytes than any URL has.
    case tooLong(Int)
    /// Spaces, line breaks, or other than ASCII.
    case notASCII
    /// A `#` and what follows.
    case fragment
    /// It does not begin with `http://` or `https://`.
    case noScheme
    /// Host or port are no good.
    case endpoint(EndpointError)
    /// A `%` that begins no escape.
    case badEscape
}

extension InspectionError: CustomStringConvertible {
    /// What is wrong with it.
    public var description: String {
        switch self {
        case .tooLong(let longest): "the URL is longer than \(longest) bytes"
        case .notASCII:
            "the URL has spaces, line breaks or other than ASCII characters; put it in quotes"
        case .fragment: "the URL has a fragment (#…), which is never sent; leave it out"
        case .noScheme: "the URL does not begin with http:// or https://"
        case .endpoint(let error): "\(error)"
        case .badEscape: "the URL has a % that is no escape such as %20"
        }
    }
}
