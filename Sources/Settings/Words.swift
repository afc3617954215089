// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Rules for short texts.
enum Words {
    /// Requires one of a few words.
    static func choice(
        _ text: String,
        _ known: [String],
        later: [String] = []
    ) throws(ValueProblem) {
        guard !known.contains(text) else { return }
        let list = known.joined(separator: ", ")
        guard !later.contains(text) else {
            throw ValueProblem(
                "\"\(text)\" is not available in this version",
                cure: "write one of: \(list)"
            )
        }
        throw ValueProblem(
            "\"\(text)\" is not one of the values known here",
            cure: "\(Spelling.hint(for: text, among: known))write one of: \(list)"
        )
    }

    /// Requires the name of a store, a sink or a template.
    static func name(_ text: String) throws(ValueProblem) {
        let bytes = Array(text.utf8)
        let isLetter = { (byte: UInt8) in (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
        guard let first = bytes.first, isLetter(first), bytes.count <= 32,
            bytes.allSatisfy({ isLetter($0) || $0.isASCIIDigit || $0 == UInt8(ascii: "-") })
        else {
            throw ValueProblem(
                "\"\(text)\" is not a name",
                cure: "use a to z, 0 to 9 and -, beginning with a letter, at most 32 of them"
            )
        }
    }

    /// An endpoint.
    ///
    /// A text with a user name or a query is not shown: a password may be in it.
    static func endpoint(_ text: String) throws(ValueProblem) -> Endpoint {
        do throws(EndpointError) {
            return try Endpoint(text)
        } catch {
            let shown = text.contains { "@?".contains($0) } ? "the URL" : "\"\(text)\""
            throw ValueProblem(
                "\(shown) \(error.problem)",
                cure: "write http(s)://host[:port][/base/path]"
            )
        }
    }
}
