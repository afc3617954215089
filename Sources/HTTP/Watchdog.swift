// SPDX-License-Identifier: Apache-2.0

/// How far a transfer is.
struct Progress: Equatable {
    /// Whether the request could begin; before that libcurl's connect timeout rules.
    var isConnected: Bool
    /// Bytes of the body that have left this machine.
    var sent: Int64
    /// Bytes of the answer's body that came.
    var received: Int64
}

/// Judges a transfer by its progress: the stall rule while bytes move, a limit of its own while the
/// answer is awaited.
///
/// Times are nanoseconds; it has no clock.
struct Watchdog {
    enum Verdict: Equatable {
        case fine
        case stalled
        case answerTimeout
    }

    private enum Phase {
        case connecting
        case sending
        case waiting(since: Int64)
        case receiving
    }

    private let bodyLength: Int64
    private let isDownload: Bool
    private let answerLimit: Int64
    private var stall: StallRule
    private var phase = Phase.connecting

    /// Makes a watchdog for one transfer.
    ///
    /// - Parameters:
    ///   - bodyLength: The bytes to send.
    ///   - isDownload: Whether the answer may be long; a short one has to be whole within the
    ///     limit, however slowly it comes (S3 trickles blanks while it completes an upload).
    ///   - answerLimit: The limit on waiting for the answer.
    ///   - stall: The rule for bytes that move.
    init(bodyLength: Int64, isDownload: Bool, answerLimit: Duration, stall: StallRule) {
        self.bodyLength = bodyLength
        self.isDownload = isDownload
        self.answerLimit = answerLimit.nanoseconds
        self.stall = stall
    }

    /// Starts the stall rule anew, because what kept the bytes back was no peer.
    mutating func excuse() { stall.reset() }

    /// Takes a look.
    mutating func look(_ progress: Progress, at now: Int64) -> Verdict {
        guard progress.isConnected else {
            phase = .connecting
            return .fine
        }
        if isDownload, progress.received > 0 {
            if case .receiving = phase {} else { stall.reset() }
            phase = .receiving
            return stall.isStalled(bytes: progress.received, at: now) ? .stalled : .fine
        }
        if progress.sent < bodyLength {
            if case .sending = phase {} else { stall.reset() }
            phase = .sending
            return stall.isStalled(bytes: progress.sent, at: now) ? .stalled : .fine
        }
        guard case .waiting(let since) = phase else {
            phase = .waiting(since: now)
            return .fine
        }
        return now - since >= answerLimit ? .answerTimeout : .fine
    }
}
