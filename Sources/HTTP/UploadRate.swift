// SPDX-License-Identifier: Apache-2.0

/// The limit on all bodies that are sent, and who waits for it, first come, first served.
///
/// It belongs to the client's thread; libcurl's callbacks ask it there.
final class UploadRate {
    /// Who waits.
    enum Claim {
        /// A body in the middle of its way, paused.
        case body(EasyHandle)
        /// A request whose small body leaves at once with its headers.
        case request(Transfer)
    }

    var bucket = TokenBucket()
    private(set) var line: [Claim] = []

    var isLimited: Bool { bucket.rate != nil }

    /// Asks for some bytes of a body; 0: it is to pause, and stands in line.
    func take(
        upTo wanted: Int,
        for handle: EasyHandle,
        at now: @autoclosure () -> Int64
    ) -> Int {
        guard isLimited, wanted > 0 else { return wanted }
        // Nobody goes before those who wait, but for the one whose turn it is.
        let granted = handle.hasTurn || line.isEmpty ? bucket.take(upTo: wanted, at: now()) : 0
        handle.hasTurn = false
        if granted == 0 {
            handle.wasHeldBack = true
            line.append(.body(handle))
        }
        return granted
    }

    /// Asks whether a request may begin; if not, it stands in line.
    func mayBegin(_ transfer: Transfer, at now: Int64) -> Bool {
        guard isLimited, transfer.kind == .smallBody, transfer.bodyLength > 0,
            !line.isEmpty || bucket.available(at: now) < 0
        else { return true }
        line.append(.request(transfer))
        return false
    }

    /// The next in line whose turn has come.
    ///
    /// - Parameters:
    ///   - granted: Bytes promised to those before it, who have not taken them yet.
    ///   - now: The present moment.
    /// - Returns: Who it is; nothing when nobody's turn has come.
    func next(after granted: Int64, at now: Int64) -> Claim? {
        guard let first = line.first else { return nil }
        let free = bucket.available(at: now)
        guard !isLimited || free - granted >= need(of: first) else { return nil }
        return line.removeFirst()
    }

    /// When to look at the line again.
    func nextTurn(at now: Int64) -> Int64 {
        line.first.map { bucket.moment(of: need(of: $0), at: now) } ?? .max
    }

    /// Whether a body stands in line.
    func isWaited(for handle: EasyHandle) -> Bool {
        line.contains { claim in
            if case .body(let other) = claim { other === handle } else { false }
        }
    }

    /// Takes a body out of the line.
    func forget(_ handle: EasyHandle) {
        line.removeAll { claim in
            if case .body(let other) = claim { other === handle } else { false }
        }
    }

    /// Takes a request out of the line; says whether it stood there.
    func forget(_ transfer: Transfer) -> Bool {
        let before = line.count
        line.removeAll { claim in
            if case .request(let other) = claim { other === transfer } else { false }
        }
        return line.count < before
    }

    /// Takes every request out of the line, or those that are meant.
    func dismiss(where isMeant: (Transfer) -> Bool = { _ in true }) -> [Transfer] {
        var requests: [Transfer] = []
        line.removeAll { claim in
            guard case .request(let transfer) = claim, isMeant(transfer) else { return false }
            requests.append(transfer)
            return true
        }
        return requests
    }

    private func need(of claim: Claim) -> Int64 {
        switch claim {
        case .body: Int64(bucket.grain)
        case .request: 0
        }
    }
}
