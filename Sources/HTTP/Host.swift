// SPDX-License-Identifier: Apache-2.0

/// One host and port on the client's thread: its gate and those who wait before it.
final class Host {
    var gate: HostGate
    private var brief = WaitingLine()
    private var long = WaitingLine()

    init(gate: HostGate) { self.gate = gate }

    var isWaitedFor: Bool { !brief.isEmpty || !long.isEmpty }

    /// Whether requests of one kind wait.
    func isWaitedFor(isBrief: Bool) -> Bool { isBrief ? !brief.isEmpty : !long.isEmpty }

    func wait(_ transfer: Transfer) {
        if transfer.isBrief { brief.append(transfer) } else { long.append(transfer) }
    }

    /// The next in line that may start now, unless somebody has to wait on.
    func next(at now: Int64) -> (Transfer, isAlone: Bool)? {
        if let next = next(in: &brief, isBrief: true, at: now) { return next }
        return next(in: &long, isBrief: false, at: now)
    }

    /// Learns how fast the host is from an answer.
    func learn(from transfer: Transfer, at now: Int64) {
        guard transfer.isBrief else { return }
        gate.answered(
            after: now - transfer.startedAt,
            asksForLess: transfer.status == 503 || transfer.status == 429,
            isWaitedFor: !brief.isEmpty,
            at: now
        )
    }

    /// Takes everybody out of the lines, or those that are meant.
    func dismiss(where isMeant: (Transfer) -> Bool = { _ in true }) -> [Transfer] {
        brief.dismiss(where: isMeant) + long.dismiss(where: isMeant)
    }

    private func next(
        in line: inout WaitingLine,
        isBrief: Bool,
        at now: Int64
    ) -> (Transfer, isAlone: Bool)? {
        guard line.first != nil else { return nil }
        let decision = gate.admit(isBrief: isBrief, at: now)
        guard decision != .wait, let transfer = line.popFirst() else { return nil }
        return (transfer, decision == .goAlone)
    }
}

/// Requests in the order they came, without those that were cancelled since.
private struct WaitingLine {
    private var transfers: [Transfer] = []
    private var head = 0

    var isEmpty: Bool { head == transfers.count }

    mutating func append(_ transfer: Transfer) { transfers.append(transfer) }

    /// The first that still waits.
    var first: Transfer? {
        mutating get {
            while head < transfers.count {
                if !transfers[head].isCancelled { return transfers[head] }
                advance()
            }
            return nil
        }
    }

    /// Takes out the first that still waits.
    mutating func popFirst() -> Transfer? {
        defer { if !isEmpty { advance() } }
        return first
    }

    /// Takes those out that are meant.
    mutating func dismiss(where isMeant: (Transfer) -> Bool) -> [Transfer] {
        let waiting = transfers[head...].filter { !$0.isCancelled }
        transfers = waiting.filter { !isMeant($0) }
        head = 0
        return waiting.filter(isMeant)
    }

    private mutating func advance() {
        head += 1
        // Moving the rest down is paid for by as many that have left.
        if head == transfers.count || head >= 1_024 && head * 2 >= transfers.count {
            transfers.removeFirst(head)
            head = 0
        }
    }
}
