// SPDX-License-Identifier: Apache-2.0
internal import Objects
internal import Synchronization

/// What was learned about a store since the start, so that each lesson is paid for once.
public final class EndpointMemory: Sendable {
    private let knowledge = Mutex(Knowledge())

    struct Knowledge {
        /// Headers without which an upload succeeded that had been refused with them.
        var refused: Set<OptionalHeader> = []
        /// It answers uploads with a checksum, so that MD5 need not be computed.
        var returnsChecksum = false
        /// Its answers prove nothing: the checksum must go with the request.
        var provesNothing = false
    }

    /// Knows nothing yet.
    public init() {}

    var current: Knowledge { knowledge.withLock { $0 } }

    func note(_ change: @Sendable (inout Knowledge) -> Void) {
        knowledge.withLock { change(&$0) }
    }
}
