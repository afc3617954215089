// SPDX-License-Identifier: Apache-2.0

import CCurl
import Glibc

/// Everything of libcurl's, on the one thread that may touch it.
///
/// One turn: take the letters, start what may start, let libcurl move bytes, hand out the answers,
/// and sleep in `curl_multi_poll` unless letters have come meanwhile.
final class CurlLoop {
    let mailbox: Mailbox
    let options: HTTPOptions
    var multi: MultiHandle
    let events = LoopEvents()

    var hosts: [[UInt8]: Host] = [:]
    /// What is under way, in no order.
    var active: [EasyHandle] = []
    /// Handles at rest, by kind; the one used last is used next, because its memory is warm.
    var resting: [[EasyHandle]] = Array(repeating: [], count: HandleKind.allCases.count)
    var finished: [(transfer: Transfer, outcome: Transfer.Outcome)] = []
    var largeBuffers = 0

    /// Whether something was started that libcurl has not seen yet.
    var mustPerform = false
    /// When the watchdogs look next.
    var nextLook = Int64.max
    /// Until when no kept connection may be used.
    var freshUntil = Int64.min
    /// When idle connections are closed.
    var closeIdleAt: Int64?
    var suspend = SuspendSense()
    private var letters: [Letter] = []
    private var isStopping = false

    init?(mailbox: Mailbox) {
        guard let multi = MultiHandle(options: mailbox.options, events: events) else { return nil }
        self.mailbox = mailbox
        self.options = mailbox.options
        self.multi = multi
        mailbox.setWaker(multi.waker)
    }

    /// Runs until told to stop.
    func run() {
        while true {
            mailbox.collect(into: &letters)
            if suspend.hasJumped(options.clocks()) { wake() }
            for letter in letters { take(letter) }
            letters.removeAll(keepingCapacity: true)
            if isStopping { break }
            repeat {
                mustPerform = false
                perform()
            } while mustPerform
            deliver()
            closeIdleIfDue(at: Clock.now())
            if mailbox.mayRest() { rest() }
        }
        end()
    }

    private func take(_ letter: Letter) {
        switch letter {
        case .start(let transfer): start(transfer, at: Clock.now())
        case .cancel(let transfer): cancel(transfer)
        case .dropConnections: dropConnections()
        case .limitUploads(let rate): limitUploads(to: rate)
        case .stop: isStopping = true
        }
    }

    private func perform() {
        if !active.isEmpty {
            multi.perform()
            while let (easy, code) = unsafe multi.nextFinished() {
                if let handle = unsafe EasyHandle.from(ccurl_get_private(easy)) {
                    ended(handle, code)
                }
            }
        }
        let opened = events.opened
        if !opened.isEmpty {
            events.opened.removeAll(keepingCapacity: true)
            for host in opened { startWaiting(host, at: Clock.now()) }
        }
        let now = Clock.now()
        if !events.rate.line.isEmpty { serveLine(at: now) }
        // Who was stopped may not say that a peer took long.
        if now >= nextLook, !suspend.isLate(now) { look(at: now) }
    }

    private func deliver() {
        for (transfer, outcome) in finished { transfer.complete(outcome) }
        finished.removeAll(keepingCapacity: true)
    }

    private func rest() {
        let now = Clock.now()
        let due = active.isEmpty ? closeIdleAt : nextLook
        let turn = events.rate.nextTurn(at: now)
        let end = min(turn, due ?? .max)
        suspend.rests(until: end, at: now)
        multi.poll(until: end == .max ? nil : end, now: now)
    }

    private func end() {
        for transfer in events.rate.dismiss() {
            finish(transfer, .cancelled(peer: transfer.peer))
        }
        // First those who wait, or they would be started in place of the ones that end.
        for host in hosts.values {
            for transfer in host.dismiss() { finish(transfer, .cancelled(peer: transfer.peer)) }
        }
        for handle in active {
            if let transfer = handle.transfer { stop(handle, .cancelled(peer: transfer.peer)) }
        }
        deliver()
        mailbox.setWaker(nil)
    }
}

/// The thread's first function; `context` is a retained `Mailbox`.
func runCurlThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let mailbox = unsafe Unmanaged<Mailbox>.fromOpaque(context).takeRetainedValue()
    // Signals are for the threads that expect them, and a broken pipe is an error code here.
    var all = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, nil)
    if curlIsReady { CurlLoop(mailbox: mailbox)?.run() }
    mailbox.threadEnded()
    return nil
}

/// libcurl's process-wide set-up, done once.
private let curlIsReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
