// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Holds back warnings of one kind when they come in heaps: a thousand FIFOs need no thousand lines.
struct WarningLimit: Sendable {
    enum Kind: Hashable, Sendable {
        case special, unreadable, twice, watches, instances, rules, early
    }

    private struct Window {
        var start: Span
        var told = 0
        var held = 0
    }

    private static let length = Span.seconds(600)
    private static let most = 10
    private var windows: [Kind: Window] = [:]

    /// Whether a warning may be told: the number held back before it, or nothing when it may not.
    mutating func admit(_ kind: Kind, at uptime: Span) -> Int? {
        var window = windows[kind] ?? Window(start: uptime)
        defer { windows[kind] = window }
        var held = 0
        if uptime - window.start >= Self.length {
            held = window.held
            window = Window(start: uptime)
        }
        guard window.told < Self.most else {
            window.held += 1
            return nil
        }
        window.told += 1
        return held
    }

    /// Lets only one warning of this kind through until `reset`.
    mutating func admitOnce(_ kind: Kind) -> Bool {
        guard windows[kind] == nil else { return false }
        windows[kind] = Window(start: .zero, told: Self.most)
        return true
    }

    /// Lets a kind through again.
    mutating func reset(_ kind: Kind) { windows[kind] = nil }
}
