// SPDX-License-Identifier: Apache-2.0

/// What a request carries.
public enum HTTPBody: Sendable {
    /// Nothing; a PUT or POST then says `Content-Length: 0`.
    case none
    /// These bytes.
    case bytes([UInt8])
    /// Bytes that are read while they are sent.
    case stream(any HTTPBodySource)

    /// The exact number of bytes, which goes out as `Content-Length`.
    public var length: Int64 {
        switch self {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.count)
        case .stream(let source): source.length
        }
    }
}

/// A body that is read while it is sent, by offset.
///
/// It is read on the client's own thread, so a read must not wait for anything but a disk. The same
/// offset may be asked for again: a kept connection that turns out to be dead is replaced without
/// the caller's knowledge, and the body is sent from its start.
public protocol HTTPBodySource: Sendable {
    /// The exact number of bytes; must not change.
    var length: Int64 { get }

    /// Copies bytes into a buffer and says how many; fewer than asked for is fine, but none is an
    /// error, because the length has been promised to the server.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int
}
