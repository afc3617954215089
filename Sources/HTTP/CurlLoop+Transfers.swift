// SPDX-License-Identifier: Apache-2.0

import CCurl

extension CurlLoop {
    /// From this size a body goes through a 2 MiB buffer: fewer system calls, a third less CPU.
    private static let largeBody: Int64 = 8 << 20
    /// How many such buffers there may be at once.
    private static let maxLargeBuffers = 8
    /// Hosts known before those without use are forgotten.
    private static let maxHosts = 256

    /// Starts a request, or lets it wait for the limit on what is sent, or at its host.
    func admit(_ transfer: Transfer, at now: Int64, isItsTurn: Bool = false) {
        guard !transfer.isCancelled else {
            return finish(transfer, .cancelled(peer: transfer.peer))
        }
        guard isItsTurn || events.rate.mayBegin(transfer, at: now) else { return }
        let host = host(of: transfer, at: now)
        transfer.host = host
        // Whoever came first goes first.
        let isBrief = transfer.isBrief
        let decision =
            host.isWaitedFor(isBrief: isBrief) ? .wait : host.gate.admit(isBrief: isBrief, at: now)
        switch decision {
        case .wait: host.wait(transfer)
        case .go, .goAlone: begin(transfer, isAlone: decision == .goAlone, at: now)
        }
    }

    /// Starts those waiting at a host who may start now.
    func startWaiting(_ host: Host, at now: Int64) {
        while let (transfer, isAlone) = host.next(at: now) {
            begin(transfer, isAlone: isAlone, at: now)
        }
    }

    /// Breaks a request off, wherever it is.
    func cancel(_ transfer: Transfer) {
        // Until it has a host its continuation may still be written by the caller.
        guard !transfer.isCancelled, transfer.host == nil || transfer.continuation != nil else {
            return
        }
        transfer.isCancelled = true
        if events.rate.forget(transfer) {
            finish(transfer, .cancelled(peer: transfer.peer))
        } else if let handle = transfer.handle {
            stop(handle, .cancelled(peer: transfer.peer))
        } else if transfer.host != nil {
            // It waits at its host, whose line passes over it.
            finish(transfer, .cancelled(peer: transfer.peer))
        }
    }

    private func begin(_ transfer: Transfer, isAlone: Bool, at now: Int64) {
        guard let handle = freeHandle(transfer.kind) else {
            transfer.host?.gate.ended(isBrief: transfer.isBrief, at: now, isWarm: false)
            if isAlone { transfer.host?.gate.opened() }
            return finish(transfer, .unavailable(reason: "out of memory"))
        }
        let isLarge = transfer.bodyLength >= Self.largeBody && largeBuffers < Self.maxLargeBuffers
        if isLarge { largeBuffers += 1 }
        handle.isOpening = isAlone
        if transfer.kind == .smallBody { events.rate.bucket.charge(transfer.bodyLength, at: now) }
        let isFresh = now < freshUntil || transfer.opensConnection
        handle.prepare(transfer, isFresh: isFresh, largeBuffer: isLarge)
        handle.watchdog = Watchdog(
            bodyLength: transfer.bodyLength,
            isDownload: unsafe transfer.onBody != nil,
            answerLimit: transfer.answerTimeout,
            stall: StallRule(rate: options.stallRate, time: transfer.stallTime)
        )
        transfer.handle = handle
        if transfer.startedAt == 0 { transfer.startedAt = now }
        nextLook = min(nextLook, now + lookInterval(for: transfer))
        handle.position = active.count
        active.append(handle)
        multi.add(handle)
        mustPerform = true
    }

    /// libcurl is done with a transfer.
    func ended(_ handle: EasyHandle, _ code: CURLcode) {
        guard let transfer = handle.transfer else { return }
        let now = Clock.now()
        if handle.mustWait, let host = transfer.host {
            detach(handle, isWarm: true, at: now)
            transfer.failure = nil
            host.wait(transfer)
            return startWaiting(host, at: now)
        }
        if code == CURLE_OK, transfer.status == 417, transfer.allowsExpect,
            !transfer.wasRepeatedWithoutExpect
        {
            return repeatWithoutExpect(handle, transfer, at: now)
        }
        if let refusal = handle.refusalOfProxy { return stop(handle, refusal) }
        guard code == CURLE_OK else {
            let error =
                transfer.failure
                ?? HTTPError(code, handle: handle, peer: transfer.peer, options: options)
            return stop(handle, error)
        }
        detach(handle, isWarm: true, at: now)
        transfer.host?.learn(from: transfer, at: now)
        let response = HTTPResponse(
            status: transfer.status,
            headers: HTTPHeaders(block: transfer.headerBlock),
            body: transfer.answer,
            duration: .nanoseconds(now - transfer.startedAt)
        )
        finished.append((transfer, .success(response)))
        if let host = transfer.host { startWaiting(host, at: now) }
    }

    /// Takes a transfer off libcurl, wherever it is, and fails it.
    func stop(_ handle: EasyHandle, _ error: HTTPError) {
        guard let transfer = handle.transfer else { return }
        let now = Clock.now()
        detach(handle, isWarm: false, at: now)
        finish(transfer, error)
        guard let host = transfer.host else { return }
        if error.meansUnreachable, host.gate.running == 0 {
            // The same try once for each of them would only take the longer.
            for other in host.dismiss() { finish(other, error) }
        }
        startWaiting(host, at: now)
    }

    /// Hands a failure out with the next batch.
    func finish(_ transfer: Transfer, _ error: HTTPError) {
        finished.append((transfer, .failure(error)))
    }

    /// Repeats a request that was refused for its `Expect`, which a client may do.
    ///
    /// See RFC 9110, section 15.5.18. libcurl does it by itself only when the refusal comes before
    /// it began to send.
    private func repeatWithoutExpect(_ handle: EasyHandle, _ transfer: Transfer, at now: Int64) {
        transfer.wasRepeatedWithoutExpect = true
        transfer.offset = 0
        transfer.forgetAnswer()
        let host = transfer.host
        detach(handle, isWarm: true, at: now)
        guard let host, host.gate.admit(isBrief: transfer.isBrief, at: now) != .wait else {
            host?.wait(transfer)
            return
        }
        begin(transfer, isAlone: host.gate.isOpening, at: now)
    }

    private func detach(_ handle: EasyHandle, isWarm: Bool, at now: Int64) {
        multi.remove(handle)
        events.rate.forget(handle)
        let last = active.removeLast()
        if last !== handle {
            active[handle.position] = last
            last.position = handle.position
        }
        if handle.usesLargeBuffer { largeBuffers -= 1 }
        if let host = handle.transfer?.host {
            if handle.isOpening {
                handle.isOpening = false
                host.gate.opened()
            }
            let isBrief = handle.transfer?.isBrief ?? false
            host.gate.ended(isBrief: isBrief, at: now, isWarm: isWarm || host.gate.running > 1)
        }
        handle.transfer?.handle = nil
        handle.transfer = nil
        resting[handle.kind.rawValue].append(handle)
        if active.isEmpty {
            nextLook = .max
            closeIdleAt = now + options.idleTime.nanoseconds + 1_000_000_000
        }
    }

    private func freeHandle(_ kind: HandleKind) -> EasyHandle? {
        resting[kind.rawValue].popLast() ?? EasyHandle(kind: kind, options: options, events: events)
    }

    private func host(of transfer: Transfer, at now: Int64) -> Host {
        if let host = hosts[transfer.way] { return host }
        if hosts.count >= Self.maxHosts {
            hosts = hosts.filter { $0.value.isWaitedFor || !$0.value.gate.isForgettable(at: now) }
        }
        let gate = HostGate(
            brief: AdaptiveLimit(options.briefPerHost),
            long: options.longPerHost,
            idleTime: options.idleTime.nanoseconds
        )
        let host = Host(gate: gate)
        hosts[transfer.way] = host
        return host
    }
}
