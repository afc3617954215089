// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A URL taken apart, as it came from somebody else: nothing in it is trusted, nothing is changed.
struct URLParts: Sendable {
    /// Scheme, host and port; no base path.
    let endpoint: Endpoint
    /// The path as it stands in the URL.
    let encodedPath: [UInt8]
    /// The path without escapes.
    let path: [UInt8]
    /// The parameters in their order, decoded.
    let query: [(name: [UInt8], value: [UInt8])]
    /// The whole URL up to the query.
    let front: [UInt8]
    /// The parameters as they stand in the URL.
    let encodedQuery: [UInt8]

    /// Takes a URL apart.
    ///
    /// - Throws: `InspectionError` when it is none that a store could be asked by.
    init(_ text: [UInt8]) throws(InspectionError) {
        guard text.count <= Self.longest else { throw .tooLong(Self.longest) }
        guard text.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { throw .notASCII }
        let front = text.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let rest = text.dropFirst(front.count)
        guard !rest.contains(UInt8(ascii: "#")) else { throw .fragment }
        guard let colon = front.firstRange(of: Array("://".utf8)) else { throw .noScheme }
        let authorityEnd =
            front[colon.upperBound...].firstIndex(of: UInt8(ascii: "/")) ?? front.endIndex
        do {
            endpoint = try Endpoint(String(decoding: front[..<authorityEnd], as: UTF8.self))
        } catch {
            throw .endpoint(error)
        }
        self.front = Array(front)
        encodedPath = Array(front[authorityEnd...])
        encodedQuery = Array(rest.dropFirst())
        guard let path = [UInt8](percentDecoding: encodedPath[...]) else { throw .badEscape }
        self.path = path
        query = try Self.query(encodedQuery)
    }

    private static func query(
        _ text: [UInt8]
    ) throws(InspectionError) -> [(name: [UInt8], value: [UInt8])] {
        var query: [(name: [UInt8], value: [UInt8])] = []
        for part in text.split(separator: UInt8(ascii: "&")) {
            let encoded = part.prefix { $0 != UInt8(ascii: "=") }
            guard let name = [UInt8](percentDecoding: encoded),
                let value = [UInt8](percentDecoding: part.dropFirst(encoded.count + 1))
            else { throw .badEscape }
            query.append((name, value))
        }
        return query
    }

    /// The first value of a parameter, without regard to case as some schemes spell theirs.
    subscript(name: String) -> String? {
        let wanted = CanonicalHeaders.lowercased(name)
        let value = query.first {
            CanonicalHeaders.lowercased(String(decoding: $0.name, as: UTF8.self)) == wanted
        }?.value
        return value.map { String(decoding: $0, as: UTF8.self) }
    }

    /// How often a parameter is there, by the same rule.
    func count(of name: String) -> Int {
        let wanted = CanonicalHeaders.lowercased(name)
        return query.count {
            CanonicalHeaders.lowercased(String(decoding: $0.name, as: UTF8.self)) == wanted
        }
    }

    /// Far longer than any store's.
    private static let longest = 1 << 16
}
