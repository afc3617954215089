// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// How far one file is on its way; written by the upload, read by whoever shows it.
public final class SentBytes: Sendable {
    private let done = Atomic<Int64>(0)

    /// Starts at nothing.
    public init() {}

    /// Bytes on their way or in the store; falls when some have to be sent again.
    public var count: Int64 { done.load(ordering: .relaxed) }

    /// Notes that so many more bytes were handed to the network, or fewer.
    func add(_ bytes: Int64) { done.wrappingAdd(bytes, ordering: .relaxed) }

    /// Starts anew.
    func reset() { done.store(0, ordering: .relaxed) }
}

/// What one body adds to its file's count; a body that is sent again counts anew.
final class SentShare: Sendable {
    private let sent: SentBytes
    private let counted = Atomic<Int64>(0)

    init(of sent: SentBytes) { self.sent = sent }

    /// Notes that the body is on its way up to an offset.
    func note(upTo offset: Int64) {
        sent.add(offset - counted.exchange(offset, ordering: .relaxed))
    }
}
