// SPDX-License-Identifier: Apache-2.0
internal import HTTP

/// A body in memory whose sending is counted.
final class MemoryBody: HTTPBodySource {
    private let bytes: [UInt8]
    private let share: SentShare

    init(_ bytes: [UInt8], sent: SentBytes) {
        self.bytes = bytes
        share = SentShare(of: sent)
    }

    var length: Int64 { Int64(bytes.count) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        let start = Int(offset)
        let count = min(buffer.count, bytes.count - start)
        unsafe buffer.copyBytes(from: bytes[start..<start + count])
        share.note(upTo: offset + Int64(count))
        return count
    }
}
