// SPDX-License-Identifier: Apache-2.0

import CCurl
import Glibc
import Synchronization

/// What is asked of the thread.
enum Letter: Sendable {
    case start(Transfer)
    case cancel(Transfer)
    case dropConnections
    case limitUploads(Int64?)
    case stop
}

/// The only thing that callers and the thread share: a list of letters behind a lock.
///
/// The thread takes the whole list at once and is woken only if it sleeps, so that under load a
/// request costs no system call here.
final class Mailbox: Sendable {
    /// What all requests have in common.
    let options: HTTPOptions
    private let state = Mutex(State())
    /// Apart from the state, so that the thread does not find that locked by whoever wakes it.
    private let waker = Mutex<Waker?>(nil)

    private struct State {
        var phase = Phase.new
        var letters: [Letter] = []
        var isAsleep = false
        var stopWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private enum Phase {
        case new
        case running
        case stopping
        case stopped
    }

    init(options: HTTPOptions) { self.options = options }

    /// Puts a letter in, starting or waking the thread where needed.
    ///
    /// - Returns: Why it was refused; a refused letter has no effect.
    @discardableResult
    func post(_ letter: Letter) -> HTTPError? {
        var isAsleep = false
        let refusal: HTTPError? = state.withLock { state in
            switch (state.phase, letter) {
            case (.stopping, _), (.stopped, _):
                return .unavailable(reason: "the HTTP client was shut down")
            case (.new, .stop):
                state.phase = .stopped
                return nil
            case (.new, .start):
                if let error = startThread() { return error }
                state.phase = .running
            case (.running, .stop):
                state.phase = .stopping
            default:
                break
            }
            state.letters.append(letter)
            isAsleep = state.isAsleep
            state.isAsleep = false
            return nil
        }
        // Under the waker's lock, so that the handle cannot be freed in between. A thread that was
        // woken by something else meanwhile has taken the letter, and turns once for nothing.
        if isAsleep { waker.withLock { $0?.wake() } }
        return refusal
    }

    /// Asks the thread to end and resumes the continuation when it has.
    func stop(then continuation: CheckedContinuation<Void, Never>) {
        post(.stop)
        let isStopped = state.withLock { state in
            if state.phase != .stopped { state.stopWaiters.append(continuation) }
            return state.phase == .stopped
        }
        if isStopped { continuation.resume() }
    }

    private func startThread() -> HTTPError? {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self)
        let code = unsafe pthread_create(&thread, nil, runCurlThread, context.toOpaque())
        guard code == 0 else {
            unsafe context.release()
            return .unavailable(
                reason: "its thread could not be started (\(errorText(code))); allow more tasks"
            )
        }
        pthread_detach(thread)
        return nil
    }
}

// MARK: The thread's side

extension Mailbox {
    /// Swaps the gathered letters against an empty list.
    func collect(into letters: inout [Letter]) {
        state.withLock { state in
            state.isAsleep = false
            swap(&state.letters, &letters)
        }
    }

    /// Allows the thread to sleep if no letter is there; from now on a letter wakes it.
    func mayRest() -> Bool {
        state.withLock { state in
            state.isAsleep = state.letters.isEmpty
            return state.isAsleep
        }
    }

    /// Exchanges the handle that is woken; the old one is used by nobody once this returns.
    func setWaker(_ waker: Waker?) {
        self.waker.withLock { $0 = waker }
    }

    /// Says that the thread ends: what came too late for it is cancelled, `stop` returns.
    func threadEnded() {
        let (letters, waiters) = state.withLock { state in
            state.phase = .stopped
            defer {
                state.letters = []
                state.stopWaiters = []
            }
            return (state.letters, state.stopWaiters)
        }
        for case .start(let transfer) in letters {
            transfer.complete(.failure(.cancelled(peer: transfer.peer)))
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// A multi handle as far as other threads may touch it: to wake its owner.
@safe
struct Waker: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer

    init(_ multi: UnsafeMutableRawPointer) { unsafe self.multi = multi }

    /// Ends the owner's `curl_multi_poll`; libcurl allows this, alone of all calls, on any thread.
    func wake() { _ = unsafe curl_multi_wakeup(multi) }
}
