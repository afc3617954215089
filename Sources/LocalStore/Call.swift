// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Jobs

/// One request as it came in: method, target and headers, decoded but not yet believed.
struct Call: Sendable {
    /// The method in upper case.
    let method: String
    /// The request target as it stands in the request line, query and all.
    let target: [UInt8]
    /// The path of the target, still encoded.
    let rawPath: ArraySlice<UInt8>
    /// The parameters of the query, decoded.
    let query: [QueryItem]
    /// Every header, with the name in lower case; `host` comes first.
    let headers: [Header]

    /// Takes a request apart.
    ///
    /// - Throws: `Refusal` when the query is no percent-encoded text.
    init(_ head: HTTPRequest) throws(Refusal) {
        method = head.method.rawValue
        target = Array((head.path ?? "").utf8)
        rawPath = target.prefix { $0 != UInt8(ascii: "?") }
        query = try Self.parse(query: target.dropFirst(rawPath.count + 1))
        var headers = [Header("host", head.authority ?? "")]
        headers.reserveCapacity(head.headerFields.count + 1)
        for field in head.headerFields {
            headers.append(Header(field.name.canonicalName, field.value))
        }
        self.headers = headers
    }

    private static func parse(query: ArraySlice<UInt8>) throws(Refusal) -> [QueryItem] {
        var items: [QueryItem] = []
        for part in query.split(separator: UInt8(ascii: "&")) {
            let encoded = part.prefix { $0 != UInt8(ascii: "=") }
            guard let name = text(encoded), let value = text(part.dropFirst(encoded.count + 1))
            else { throw Refusal(.invalidURI, "The query is not percent-encoded UTF-8.") }
            items.append(QueryItem(name, value))
        }
        return items
    }

    private static func text(_ encoded: ArraySlice<UInt8>) -> String? {
        PercentText.decode(encoded).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// The value of a header, by its name in lower case; several are joined by commas.
    func header(_ name: String) -> String? {
        var value: String?
        for header in headers where header.name == name {
            value = value.map { "\($0),\(header.value)" } ?? header.value
        }
        return value
    }

    /// The value of a parameter of the query.
    func parameter(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }
}
