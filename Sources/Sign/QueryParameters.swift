// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The parameters of a query as it came in: decoded, in the order of the URL, nothing left out.
struct QueryParameters: Sendable {
    /// Names and values.
    let all: [(name: [UInt8], value: [UInt8])]

    /// Takes a query apart; `+` stays a plus sign, as S3's canonical form has it.
    ///
    /// - Throws: `SignatureRefusal` with the code `InvalidURI` when a `%` begins no escape.
    init(_ query: ArraySlice<UInt8>) throws(SignatureRefusal) {
        var all: [(name: [UInt8], value: [UInt8])] = []
        for part in query.split(separator: UInt8(ascii: "&")) {
            let encoded = part.prefix { $0 != UInt8(ascii: "=") }
            guard let name = [UInt8](percentDecoding: encoded),
                let value = [UInt8](percentDecoding: part.dropFirst(encoded.count + 1))
            else { throw .invalidURI }
            all.append((name, value))
        }
        self.all = all
    }

    /// Whether there is a parameter of one of these names, spelled so.
    func hasAny(of names: [String]) -> Bool {
        all.contains { item in names.contains { item.name.elementsEqual($0.utf8) } }
    }

    /// The values of a parameter, by its name spelled so.
    func values(of name: String) -> [[UInt8]] {
        all.filter { $0.name.elementsEqual(name.utf8) }.map(\.value)
    }
}

extension SignatureRefusal {
    /// Path or query cannot be decoded.
    static let invalidURI = SignatureRefusal(.invalidURI, "Couldn't parse the specified URI.")
}
