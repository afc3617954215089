// SPDX-License-Identifier: Apache-2.0

/// One host and port on the client's thread: its gate and those who wait before it.
final class Host {
    var gate: HostGate
    private var line: [Transfer] = []
    private var head = 0

    init(gate: HostGate) { self.gate = gate }

    var isWaitedFor: Bool { head < line.count }

    func wait(_ transfer: Transfer) { line.append(transfer) }

    /// The next in line that may start now, unless somebody has to wait on.
    func next(at now: Int64) -> (Transfer, isAlone: Bool)? {
        while isWaitedFor {
            guard !line[head].isCancelled else {
                advance()
                continue
            }
            let decision = gate.admit(at: now)
            guard decision != .wait else { return nil }
            defer { advance() }
            return (line[head], decision == .goAlone)
        }
        return nil
    }

    /// Takes everybody out of the line.
    func dismiss() -> [Transfer] {
        defer {
            line = []
            head = 0
        }
        return line[head...].filter { !$0.isCancelled }
    }

    private func advance() {
        head += 1
        // Moving the rest down is paid for by as many that have left.
        if head == line.count || head >= 1_024 && head * 2 >= line.count {
            line.removeFirst(head)
            head = 0
        }
    }
}
