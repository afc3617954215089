// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Standard input in groups of whole lines, each group as soon as it has arrived.
///
/// A line that is longer than `longest` is handed out cut, one byte above it, so that whoever reads
/// it can tell; the memory stays bounded whatever comes.
struct StandardInput: Sequence, IteratorProtocol {
    private static let blockSize = 1 << 16
    private let longest: Int
    private var rest: [UInt8] = []
    private var isAtEnd = false
    /// Inside a line whose front was handed out.
    private var isSkipping = false

    init(longest: Int = 1 << 20) { self.longest = longest }

    mutating func next() -> [ArraySlice<UInt8>]? {
        while !isAtEnd {
            var block = readBlock()[...]
            if isSkipping {
                let end = block.firstIndex(of: UInt8(ascii: "\n"))
                block = end.map { block[($0 + 1)...] } ?? []
                isSkipping = end == nil
            }
            // Only the new bytes are searched: a long line must not be looked through again.
            guard let newline = block.lastIndex(of: UInt8(ascii: "\n")) else {
                rest.append(contentsOf: block)
                guard rest.count > longest else { continue }
                defer { rest = [] }
                isSkipping = true
                return [rest.prefix(longest + 1)]
            }
            let lines = rest + block[..<newline]
            rest = Array(block[(newline + 1)...])
            return lines.split(separator: UInt8(ascii: "\n")).map { $0.prefix(longest + 1) }
        }
        guard !rest.isEmpty else { return nil }
        defer { rest = [] }
        return [rest.prefix(longest + 1)]
    }

    /// The next bytes; none at the end, which an error is too.
    private mutating func readBlock() -> [UInt8] {
        while true {
            var isInterrupted = false
            let block = unsafe [UInt8](unsafeUninitializedCapacity: Self.blockSize) {
                buffer,
                count in
                let result = unsafe read(STDIN_FILENO, buffer.baseAddress, buffer.count)
                isInterrupted = result < 0 && errno == EINTR
                count = Swift.max(0, result)
            }
            if isInterrupted { continue }
            isAtEnd = block.isEmpty
            return block
        }
    }
}
