// SPDX-License-Identifier: Apache-2.0
internal import Crypto
internal import HTTP
internal import Jobs

/// The bytes of one part while they are sent: from memory, or straight from the file where a part
/// is too large for that.
final class PartBody: HTTPBodySource {
    let length: Int64
    private let source: Source
    private let share: SentShare

    enum Source {
        case memory(PartBuffer)
        case file(SourceFile, offset: Int64)
    }

    init(_ source: Source, length: Int64, sent: SentBytes) {
        self.source = source
        self.length = length
        share = SentShare(of: sent)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        let count = Int(min(Int64(buffer.count), length - offset))
        guard count > 0 else { return 0 }
        let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        switch source {
        case .memory(let memory):
            let start = Int(offset)
            let bytes = unsafe memory.bytes[start..<start + count]
            unsafe part.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes))
        case .file(let file, let start):
            guard unsafe try file.read(into: part, at: start + offset) == count else {
                throw SourceError.changed
            }
        }
        share.note(upTo: offset + Int64(count))
        return count
    }

    /// Takes back what was counted, because the part was not stored.
    func uncount() { share.note(upTo: 0) }

    /// The MD5 of the part; read once more, so only where it decides.
    func md5() throws(SourceError) -> [UInt8] {
        var hash = Insecure.MD5()
        switch source {
        case .memory(let memory):
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: memory.bytes[..<Int(length)])
            unsafe hash.update(bufferPointer: bytes)
        case .file(let file, let start):
            unsafe try file.eachBlock(at: start, length: length) {
                unsafe hash.update(bufferPointer: $0)
            }
        }
        return Array(hash.finalize())
    }
}
