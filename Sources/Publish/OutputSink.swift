// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Jobs
import Synchronization

/// Writes each event as one line of JSON to standard output: a terminal, or a pipe.
///
/// Lines are whole and in the order they came, however slowly the reader takes them; nothing waits
/// for the reader but the event itself.
public final class OutputSink: PushSink {
    /// More than this is not kept for a reader that does not read.
    private static let limit = 1 << 20

    private struct State {
        var waiting: [UInt8] = []
        /// Where the lines in it end, counted as `taken`: an event that comes again while its line waits
        /// is written once.
        var ends: [UniqueID: Int] = [:]
        /// Bytes that were put in, and bytes that went out, since the start.
        var taken = 0
        var written = 0
    }

    private let descriptor: Int32
    /// How long an event waits for its reader.
    private let patience: Duration
    private let state = Mutex(State())

    /// Makes a sink.
    ///
    /// - Parameters:
    ///   - descriptor: What is written to.
    ///   - patience: How long an event waits for its reader before it is told later.
    /// - Throws: `PublishError` when it is neither a terminal nor a pipe: links are keys to files,
    ///   and a service's output goes into a journal that others read.
    init(descriptor: Int32, patience: Duration = .seconds(10)) throws(PublishError) {
        self.descriptor = descriptor
        self.patience = patience
        var status = stat()
        let isThere = unsafe fstat(descriptor, &status) == 0
        let kind = status.st_mode & S_IFMT
        guard isThere, kind == S_IFCHR || kind == S_IFIFO else {
            throw PublishError(
                .hold,
                code: "stdout-kind",
                message: "standard output is neither a terminal nor a pipe, and a journal or a log "
                    + "must not hold links; remove the sink of kind stdout, or run: presignd run | cat"
            )
        }
    }

    /// Writes one line.
    public func push(_ notice: Notice, at moment: Timestamp) async -> PushOutcome {
        let end: Int? = state.withLock { state in
            if let end = state.ends[notice.id] { return end }
            guard state.waiting.count < Self.limit else { return nil }
            let line = notice.line
            state.waiting += line
            state.taken += line.count
            state.ends[notice.id] = state.taken
            return state.taken
        }
        let deadline = ContinuousClock.now + patience
        while let end {
            if let number = state.withLock({ write(&$0) }) { return .refused(Self.problem(number)) }
            if isWritten(notice.id, upTo: end) { return .delivered }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { break }
            try? await Task.sleep(for: .milliseconds(20))
        }
        let failure = Failure(
            .retry,
            code: "stdout-slow",
            message: "whoever reads standard output does not take more; the event is written later"
        )
        return .retry(failure, after: nil)
    }

    private func isWritten(_ id: UniqueID, upTo end: Int) -> Bool {
        state.withLock { state in
            // One that is not there any more was given up with all others.
            guard state.written >= end, state.ends[id] == end else { return false }
            state.ends[id] = nil
            return true
        }
    }

    /// Writes as much as can be written without waiting; the error number when it cannot.
    private func write(_ state: inout State) -> Int32? {
        while !state.waiting.isEmpty {
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard unsafe poll(&entry, 1, 0) > 0 else { return nil }
            // A pipe that can be written to has room for as much (PIPE_BUF, pipe(7)).
            let piece = Array(state.waiting.prefix(4_096))
            let count = unsafe Glibc.write(descriptor, piece, piece.count)
            if count > 0 {
                state.waiting.removeFirst(count)
                state.written += count
            } else if errno == EAGAIN {
                return nil
            } else if errno != EINTR {
                let number = errno
                // They are told again, one by one, by whoever keeps them.
                // What comes later has its place behind them all the same.
                state.written += state.waiting.count
                state.waiting = []
                state.ends = [:]
                return number
            }
        }
        return nil
    }

    private static func problem(_ number: Int32) -> Failure {
        let reason =
            number == EPIPE ? "its reader has ended" : unsafe String(cString: strerror(number))
        return Failure(
            .hold,
            code: "stdout-closed",
            message: "standard output cannot be written: \(reason); no event is lost; restart "
                + "presignd with a reader, or remove the sink of kind stdout"
        )
    }
}
