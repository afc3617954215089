// SPDX-License-Identifier: Apache-2.0

import Jobs
import Publish
import Queue

/// A sink as the outbox tells it.
struct PushTarget: Sendable {
    /// How it is told.
    enum Way: Sendable {
        /// Of each event by itself.
        case push(any PushSink)
        /// In the rounds of the manifests, of many events at once.
        case lines
    }

    var way: Way
    /// Events that it is told of at the same time.
    var places = 1
    /// Events that are read for it at a time; they are told one after the other.
    var run = 1
    /// Whether its events come in their order: one that fails keeps all others back.
    var isOrdered = false

    /// A manifest.
    static let manifest = PushTarget(way: .lines, run: 500, isOrdered: true)

    init(way: Way, places: Int = 1, run: Int = 1, isOrdered: Bool = false) {
        self.way = way
        self.places = places
        self.run = run
        self.isOrdered = isOrdered
    }

    /// A sink of any other kind.
    init(_ sink: any PushSink, _ kind: SinkSettings.Kind) {
        self.init(way: .push(sink))
        switch kind {
        case .webhook: places = 8
        case .command, .manifest: break
        case .cards: run = 32
        case .standardOutput:
            run = 32
            isOrdered = true
        }
    }
}

/// What is done about a link that is not told as it is any more.
struct PushRenewal: Sendable {
    /// Whether the link has another URL now than it had: its key was replaced.
    var isOutdated: @Sendable (Job, Link) async -> Bool
    /// Makes a new revision of a link, which takes the place of its notices in the outbox; the sink
    /// is told of it in any case.
    ///
    /// - Returns: Nothing once the notice is of no use any more; otherwise why it cannot be told.
    var renew: @Sendable (Job, Link, _ sink: String) async -> Failure?
}
