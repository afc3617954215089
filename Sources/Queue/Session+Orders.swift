// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    /// A person is not kept waiting by a million links that came due while presignd was off.
    private static let lead = Span.seconds(3_660 * 86_400)

    /// Orders a visit to a link.
    func order(
        _ visit: LinkVisit,
        of id: UniqueID,
        at now: Timestamp
    ) throws(QueueError) -> OrderReply {
        guard let standing = try state(ofLink: id), !standing.isGone else { return .ended }
        switch standing.ended {
        case nil, .expired: break
        // One that was withdrawn may yet lose its object.
        case .revoked where visit == .deletion: break
        default: return .ended
        }
        var order = LinkOrder(revision: standing.revision, number: standing.orders)
        switch (standing.visit, visit) {
        case (.deletion, .rekeying), (.removal, .rekeying): return .toBeDeleted
        // Who ordered it hears of it; that the file is gone too adds nothing.
        case (.deletion, .removal): return .ordered(order)
        case (let present?, _) where present == visit: break
        default: order.number += 1
        }
        let update = try statement(.orderVisit)
        update.bind(1, id)
        update.bind(2, order.revision)
        update.bind(3, visit.rawValue)
        update.bind(4, (now - Self.lead).seconds)
        update.bind(5, order.number)
        try update.run()
        return .ordered(order)
    }
}

extension SQL {
    /// An order is not put off by a visit that comes by itself.
    fileprivate static let orderVisit = SQL(
        """
        UPDATE link SET visit = ?3, visit_at = ?4, visit_order = ?5, visit_tries = 0,
            problem = NULL, message = NULL
        WHERE job = ?1 AND revision = ?2
        """
    )
}
