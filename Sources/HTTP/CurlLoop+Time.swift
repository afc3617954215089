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
