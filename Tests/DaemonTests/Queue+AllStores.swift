// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

extension Queue {
    /// The links of a line that are due, whatever their store is.
    func dueLinks(
        _ line: LinkLine = .kept,
        at now: Timestamp,
        limit: Int
    ) async throws -> [DueLink] {
        var due: [DueLink] = []
        for store in try await stores() {
            due += try await dueLinks(line, of: store, at: now, limit: limit)
        }
        return due
    }

    /// The orders that are due, whatever their links' store is.
    func dueOrders(at now: Timestamp, limit: Int) async throws -> [DueLink] {
        var due: [DueLink] = []
        for store in try await stores() {
            due += try await dueOrders(of: store, at: now, limit: limit)
        }
        return due
    }
}
