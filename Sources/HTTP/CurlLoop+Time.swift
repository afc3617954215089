// SPDX-License-Identifier: Apache-2.0

extension CurlLoop {
    /// How often to look at a transfer, so that no limit is overstepped by more than a quarter.
    func lookInterval(for transfer: Transfer) -> Int64 {
        let shortest = min(transfer.answerTimeout.nanoseconds, transfer.stallTime.nanoseconds)
        return min(max(shortest / 4, 5_000_000), 1_000_000_000)
    }

    /// Lets every watchdog look, and ends what has overstepped a limit.
    func look(at now: Int64) {
        nextLook = .max
        for handle in active {
            // Our own limit is no trouble of the network's.
            if handle.wasHeldBack {
                handle.watchdog?.excuse()
                handle.wasHeldBack = events.rate.isWaited(for: handle)
            }
            guard let transfer = handle.transfer,
                let verdict = handle.watchdog?.look(handle.progress, at: now)
            else { continue }
            switch verdict {
            case .fine:
                nextLook = min(nextLook, now + lookInterval(for: transfer))
            case .stalled:
                stop(handle, .stalled(peer: transfer.peer, limit: transfer.stallTime))
            case .answerTimeout:
                stop(handle, .timeout(peer: transfer.peer, limit: transfer.answerTimeout))
            }
        }
    }

    /// The machine slept, or its clock was set: peers have long forgotten the connections, libcurl's
    /// own clock stood still, and what was signed before is to be signed anew.
    func wake() {
        dropConnections()
        // First those who wait, or they would be started in place of the ones that end.
        for transfer in events.rate.dismiss(where: { $0.signedAt != nil }) { outdate(transfer) }
        for host in hosts.values {
            for transfer in host.dismiss(where: { $0.signedAt != nil }) { outdate(transfer) }
        }
        for handle in active {
            guard let transfer = handle.transfer, transfer.signedAt != nil else { continue }
            stop(handle, .slept(peer: transfer.peer))
        }
        if active.isEmpty {
            freshUntil = .min
            closeIdleConnections()
        }
        options.onJump()
    }

    /// Admits a request, unless it was signed before a jump of the clocks.
    func start(_ transfer: Transfer, at now: Int64) {
        if let latest = suspend.latest, let signedAt = transfer.signedAt, !transfer.isCancelled,
            latest.hasJumped(since: signedAt)
        {
            return outdate(transfer)
        }
        admit(transfer, at: now)
    }

    private func outdate(_ transfer: Transfer) { finish(transfer, .slept(peer: transfer.peer)) }

    /// Closes idle connections now if nothing is under way; else passes over them until libcurl
    /// holds them to be too old.
    func dropConnections() {
        if active.isEmpty {
            closeIdleConnections()
        } else {
            freshUntil = Clock.now() + options.idleTime.nanoseconds + 2_000_000_000
        }
    }

    /// Closes idle connections once they are too old for use, so that no socket lies half closed.
    ///
    /// Must come before the thread is allowed to rest: a wake-up of the old handle would be lost.
    func closeIdleIfDue(at now: Int64) {
        guard active.isEmpty, let due = closeIdleAt, now >= due else { return }
        closeIdleConnections()
    }

    /// Closes all connections by exchanging the multi handle, which is libcurl's only way.
    func closeIdleConnections() {
        closeIdleAt = nil
        guard active.isEmpty, let fresh = MultiHandle(options: options, events: events) else {
            return
        }
        mailbox.setWaker(fresh.waker)
        multi = fresh
    }
}
