// SPDX-License-Identifier: Apache-2.0

/// Parameters in the form and the order that are signed: encoded, sorted by encoded name, then value.
struct CanonicalQuery: Sendable {
    private struct Item: Sendable {
        var name: ArraySlice<UInt8>
        var value: ArraySlice<UInt8>
    }

    private var items: [Item] = []

    /// Makes an empty query.
    init() {}

    /// Takes over parameters that are encoded already.
    init(encoded query: [UInt8]) {
        for part in query.split(separator: UInt8(ascii: "&")) {
            let name = part.prefix { $0 != UInt8(ascii: "=") }
            items.append(Item(name: name, value: part.dropFirst(name.count + 1)))
        }
    }

    /// Adds a decoded parameter; one that is there already stays beside it.
    mutating func add(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        var encoded: [UInt8] = []
        encoded.append(encoding: name, for: .query)
        let end = encoded.count
        encoded.append(encoding: value, for: .query)
        items.append(Item(name: encoded[..<end], value: encoded[end...]))
    }

    /// The text: `name=` for a parameter without a value.
    var bytes: [UInt8] {
        let sorted = items.sorted { a, b in
            a.name.elementsEqual(b.name)
                ? a.value.lexicographicallyPrecedes(b.value)
                : a.name.lexicographicallyPrecedes(b.name)
        }
        var text: [UInt8] = []
        for item in sorted {
            if !text.isEmpty { text.append(UInt8(ascii: "&")) }
            text.append(contentsOf: item.name)
            text.append(UInt8(ascii: "="))
            text.append(contentsOf: item.value)
        }
        return text
    }
}
