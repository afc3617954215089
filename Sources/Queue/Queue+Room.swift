// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Queue {
    /// Whether the disk is full: results are still recorded, and nothing new is taken in or handed out.
    public var isDiskFull: Bool { reserve?.isFull ?? false }

    /// Says each time that the disk is found full, for one who listens.
    public var fullDisks: AsyncStream<Void> { reserve?.alarms ?? AsyncStream { $0.finish() } }

    /// Looks whether a disk that was full has room again, and ends the restrictions then.
    ///
    /// - Returns: Whether there is room.
    public func lookForRoom() -> Bool { reserve?.take() ?? true }

    /// Runs an operation that begins something, which there must be room to end.
    func performIfRoom<T: Sendable>(
        _ body: @escaping @Sendable (Session) throws(QueueError) -> T
    ) async throws(QueueError) -> T {
        let (reserve, path) = (reserve, path)
        return try await perform { (session) throws(QueueError) in
            // Asked within the transaction: the one before it in the same may have met the full disk.
            if reserve?.isFull == true { throw .diskFull(path: path) }
            return try body(session)
        }
    }
}
