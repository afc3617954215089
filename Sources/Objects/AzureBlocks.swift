// SPDX-License-Identifier: Apache-2.0

/// The blocks in the answer to "Get Block List", committed or not.
struct AzureBlocks {
    /// The name and the size in bytes of each block.
    private(set) var blocks: [(name: String, size: Int64)] = []

    /// Reads the document, or nothing when it is none.
    init?(_ bytes: [UInt8]) {
        var scanner = XMLScanner(bytes)
        var path: [String] = []
        var name = ""
        var size: Int64?
        while let piece = scanner.next() {
            switch piece {
            case .open(let element):
                let element = String(decoding: element, as: UTF8.self)
                guard !path.isEmpty || element == "BlockList", path.count < 16 else { return nil }
                path.append(element)
            case .text(let text):
                if path.last == "Name" { name += text }
                if path.last == "Size" { size = Int64(text) }
            case .close:
                let element = path.popLast()
                if element == "Block" {
                    if let size { blocks.append((name, size)) }
                    name = ""
                    size = nil
                }
                if path.isEmpty { return }
            }
        }
        return nil
    }
}
