// SPDX-License-Identifier: Apache-2.0

/// Reads repeated elements of a store's list, each with the texts of its children.
///
/// Everything in it was written by the other side: the document is bounded by who received it, the
/// depth here, and what is not well-formed gives nothing.
struct XMLElements {
    /// The texts right below the root, by name; the first of each.
    private(set) var values: [String: String] = [:]
    /// The elements that were asked for, in order.
    private(set) var items: [[String: String]] = []

    /// Reads a document.
    ///
    /// - Parameters:
    ///   - bytes: The document.
    ///   - root: The name of its root.
    ///   - item: The name of the elements below the root to be read one by one.
    init?(_ bytes: [UInt8], root: String, item: String) {
        // A key of 1,024 bytes has three times as many when it is percent-encoded.
        var scanner = XMLScanner(bytes, longestText: 8_192)
        var path: [String] = []
        var text = ""
        while let piece = scanner.next() {
            switch piece {
            case .open(let name):
                let name = String(decoding: name, as: UTF8.self)
                guard !path.isEmpty || name == root, path.count < 16 else { return nil }
                path.append(name)
                if path.count == 2, name == item { items.append([:]) }
                text = ""
            case .text(let more):
                text += more
            case .close:
                guard let name = path.popLast() else { return nil }
                if path.count == 1, name != item, values[name] == nil { values[name] = text }
                if path.count == 2, path[1] == item, let last = items.indices.last {
                    items[last][name] = text
                }
                text = ""
                if path.isEmpty { return }
            }
        }
        return nil
    }
}
