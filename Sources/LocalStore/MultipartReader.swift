// SPDX-License-Identifier: Apache-2.0

import CLinux
import NIOCore

/// Takes a `multipart/form-data` body apart while it comes in (RFC 7578; RFC 2046, section 5.1).
///
/// It holds no more than what came last and a delimiter's length of what came before, whatever the
/// size of the parts; the head of a part has a bound. Bytes go in by `append`, and `next` is asked
/// until it has no more to say about them.
struct MultipartReader {
    /// What is found in a body, in this order; the data of a part comes in pieces.
    enum Event: Equatable {
        case part(PartHead)
        case data(ByteBuffer)
        case endOfPart
        /// The last delimiter; what follows it means nothing.
        case end
    }

    private enum State {
        case preamble
        case afterDelimiter
        case head
        case data
        case epilogue
    }

    /// A head has a name and the name of a file, neither longer than 1,024 characters or so.
    static let longestHead = 8_192

    /// Bytes that are done with: all that came, less what is still held.
    private(set) var consumed = -MultipartReader.lineEnd.count
    private let delimiter: [UInt8]
    private var state = State.preamble
    /// A line end before the first byte makes the first delimiter look like all others.
    private var held = ByteBuffer(bytes: MultipartReader.lineEnd)

    init(boundary: String) { delimiter = Self.lineEnd + Array("--\(boundary)".utf8) }

    /// Takes in what came next.
    mutating func append(_ bytes: ByteBuffer) {
        var bytes = bytes
        // A new buffer: pieces of the old one may still be waiting for the disk.
        var joined = ByteBufferAllocator()
            .buffer(capacity: held.readableBytes + bytes.readableBytes)
        joined.writeBuffer(&held)
        joined.writeBuffer(&bytes)
        held = joined
    }

    /// The next thing that is known of the body, or nothing before more of it came.
    ///
    /// - Throws: `Refusal` when the body is no form.
    mutating func next() throws(Refusal) -> Event? {
        while true {
            switch state {
            case .preamble:
                guard let offset = held.offset(of: delimiter) else {
                    take(max(0, held.readableBytes - delimiter.count + 1))
                    return nil
                }
                take(offset + delimiter.count)
                state = .afterDelimiter
            case .afterDelimiter:
                guard let mark = held.getBytes(at: held.readerIndex, length: 2) else { return nil }
                take(2)
                if mark == Self.dashes {
                    state = .epilogue
                    return .end
                }
                guard mark == Self.lineEnd else { throw .malformedForm }
                state = .head
            case .head:
                guard let head = try head() else { return nil }
                state = .data
                return .part(head)
            case .data: return data()
            case .epilogue:
                take(held.readableBytes)
                return nil
            }
        }
    }

    private mutating func head() throws(Refusal) -> PartHead? {
        let end = held.offset(of: Self.lineEnd + Self.lineEnd)
        guard (end ?? held.readableBytes) <= Self.longestHead else { throw .malformedForm }
        guard let end, let bytes = take(end + 4) else { return nil }
        guard let head = PartHead(Array(bytes.readableBytesView.dropLast(4))) else {
            throw .malformedForm
        }
        return head
    }

    private mutating func data() -> Event? {
        if let offset = held.offset(of: delimiter) {
            if offset > 0, let bytes = take(offset) { return .data(bytes) }
            take(delimiter.count)
            state = .afterDelimiter
            return .endOfPart
        }
        let count = held.readableBytes - delimiter.count + 1
        return count > 0 ? take(count).map { .data($0) } : nil
    }

    @discardableResult
    private mutating func take(_ count: Int) -> ByteBuffer? {
        consumed += count
        return held.readSlice(length: count)
    }

    private static let lineEnd: [UInt8] = [0x0d, 0x0a]
    private static let dashes: [UInt8] = [0x2d, 0x2d]
}

extension ByteBuffer {
    /// Where a pattern begins, counted from the first readable byte.
    fileprivate func offset(of pattern: [UInt8]) -> Int? {
        let offset = unsafe withUnsafeReadableBytes { bytes in
            unsafe cs_find(bytes.baseAddress, bytes.count, pattern, pattern.count)
        }
        return offset >= 0 ? offset : nil
    }
}

extension Refusal {
    /// S3's words for a body that is no form.
    static let malformedForm = Refusal(
        .malformedPOSTRequest,
        "The body of your POST request is not well-formed multipart/form-data."
    )
}
