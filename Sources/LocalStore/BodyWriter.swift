// SPDX-License-Identifier: Apache-2.0

import Jobs
import NIOCore
import NIOPosix

/// Hands the body of an object to the disk a chunk at a time; a small one in a single step.
struct BodyWriter {
    private let request: IncomingObject.Request
    private let folder: ObjectFolder
    private let disk: NIOThreadPool
    private var incoming: IncomingObject?
    private var waiting: [ByteBuffer] = []
    private var waitingBytes = 0

    init(_ request: IncomingObject.Request, to folder: ObjectFolder, on disk: NIOThreadPool) {
        self.request = request
        self.folder = folder
        self.disk = disk
    }

    /// Takes bytes in; waits for the disk when a chunk is full.
    ///
    /// The chunk that is full goes when more comes, so that the last one goes with the commit.
    mutating func append(_ bytes: ByteBuffer) async throws {
        if waitingBytes >= ObjectServer.chunk {
            incoming = try await disk.runIfActive { [incoming, waiting, folder, request] in
                let object = try incoming ?? folder.begin(request)
                try object.append(waiting)
                return object
            }
            waiting.removeAll(keepingCapacity: true)
            waitingBytes = 0
        }
        waiting.append(bytes)
        waitingBytes += bytes.readableBytes
    }

    /// Makes what was taken in an object.
    ///
    /// - Throws: `Refusal` or `FileProblem`; then nothing is kept.
    func commit(at moment: Timestamp) async throws -> ObjectRecord {
        try await disk.runIfActive { [incoming, waiting, folder, request] in
            let object = try incoming ?? folder.begin(request)
            try object.append(waiting)
            return try object.commit(at: moment)
        }
    }
}
