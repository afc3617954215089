// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Standard input in groups of whole lines, each group as soon as it has arrived.
struct StandardInput: Sequence, IteratorProtocol {
    private static let blockSize = 1 << 16
    private var rest: [UInt8] = []
    private var isAtEnd = false

    mutating func next() -> [ArraySlice<UInt8>]? {
        while !isAtEnd {
            var block = [UInt8](repeating: 0, count: Self.blockSize)
            let count = unsafe block.withUnsafeMutableBytes {
                unsafe read(STDIN_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                isAtEnd = true
                break
            }
            rest.append(contentsOf: block.prefix(count))
            guard let newline = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            let lines = rest[..<newline]
            defer { rest = Array(rest[(newline + 1)...]) }
            return lines.split(separator: UInt8(ascii: "\n"))
        }
        guard !rest.isEmpty else { return nil }
        defer { rest = [] }
        return [rest[...]]
    }
}
