// SPDX-License-Identifier: Apache-2.0

import Jobs
import NIOCore
import NIOPosix

/// What takes a body in, a piece at a time, and makes something of it; each call blocks on the disk.
protocol BodyTarget: Sendable {
    /// What comes of the body.
    associatedtype Outcome: Sendable

    /// Adds bytes to the body.
    func append(_ buffers: [ByteBuffer]) throws

    /// Compares the bytes with what the client said of them, and keeps them for good.
    func commit(at moment: Timestamp) throws -> Outcome
}

/// Hands a body to the disk a chunk at a time; a small one in a single step.
struct BodyWriter<Target: BodyTarget> {
    private let disk: NIOThreadPool
    private let begin: @Sendable () throws -> Target
    private var target: Target?
    private var waiting: [ByteBuffer] = []
    private var waitingBytes = 0

    /// `begin` makes the target, on a thread that may wait for the disk.
    init(on disk: NIOThreadPool, begin: @escaping @Sendable () throws -> Target) {
        self.disk = disk
        self.begin = begin
    }

    /// Takes bytes in; waits for the disk when a chunk is full.
    ///
    /// The chunk that is full goes when more comes, so that the last one goes with the commit.
    mutating func append(_ bytes: ByteBuffer) async throws {
        if waitingBytes >= ObjectServer.chunk {
            target = try await disk.runIfActive { [target, waiting, begin] in
                let target = try target ?? begin()
                try target.append(waiting)
                return target
            }
            waiting.removeAll(keepingCapacity: true)
            waitingBytes = 0
        }
        waiting.append(bytes)
        waitingBytes += bytes.readableBytes
    }

    /// Makes what it is of what was taken in.
    ///
    /// - Throws: `Refusal` or `FileProblem`; then nothing is kept.
    func commit(at moment: Timestamp) async throws -> Target.Outcome {
        try await disk.runIfActive { [target, waiting, begin] in
            let target = try target ?? begin()
            try target.append(waiting)
            return try target.commit(at: moment)
        }
    }
}
