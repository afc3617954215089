// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What is due when, earliest first: a binary heap.
struct DueQueue: Sendable {
    /// One appointment; `serial` tells whether the slot still belongs to whom it did.
    struct Item: Sendable {
        var due: Timestamp
        var slot: Int32
        var serial: UInt32
    }

    private var items: [Item] = []

    /// The earliest appointment.
    var first: Item? { items.first }

    /// How many appointments there are, outdated ones included.
    var count: Int { items.count }

    /// Adds an appointment.
    mutating func push(_ item: Item) {
        var index = items.count
        items.append(item)
        while index > 0 {
            let parent = (index - 1) / 2
            if items[parent].due <= item.due { break }
            items[index] = items[parent]
            index = parent
        }
        items[index] = item
    }

    /// Takes the earliest appointment out.
    mutating func popFirst() -> Item? {
        guard let first = items.first, let last = items.popLast() else { return nil }
        if items.isEmpty { return first }
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < items.count else { break }
            if child + 1 < items.count, items[child + 1].due < items[child].due { child += 1 }
            if last.due <= items[child].due { break }
            items[index] = items[child]
            index = child
        }
        items[index] = last
        return first
    }

    /// Forgets all appointments.
    mutating func removeAll(keepingCapacity: Bool = false) {
        items.removeAll(keepingCapacity: keepingCapacity)
    }
}
