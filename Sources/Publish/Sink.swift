// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Something that is told of link events in their order, a batch at a time: a manifest.
///
/// What is told one by one is a `PushSink`.
///
/// A sink knows nothing of the queue. Whoever calls it keeps the events until `deliver` has returned,
/// and calls it with the same events again when it has thrown.
public protocol Sink: Sendable {
    /// Tells of events, in the order of their sequence numbers.
    ///
    /// When it returns, all of them are told for good and survive a power cut. When it throws, none
    /// of them counts as told.
    func deliver(_ events: [SinkEvent]) async throws(PublishError)
}
