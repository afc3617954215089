// SPDX-License-Identifier: Apache-2.0

import HTTP
import Synchronization
import Testing

/// Runs a server with this script and a client of these options, and ends both.
func withServer(
    options: HTTPOptions = HTTPOptions(),
    script: @escaping LoopbackServer.Script,
    _ test: (HTTPClient, LoopbackServer) async throws -> Void
) async throws {
    let server = try LoopbackServer(script)
    let client = HTTPClient(options)
    do {
        try await test(client, server)
    } catch {
        await client.shutdown()
        server.stop()
        throw error
    }
    await client.shutdown()
    server.stop()
}

/// Options under which a kept connection is used again however slow the machine is.
let patient = HTTPOptions(idleTime: .seconds(600))

/// Answers every request with 200 after reading its body.
let acceptAll: LoopbackServer.Script = { request, connection in
    _ = connection.take(request.length) { _ in }
    return connection.answer("200 OK")
}

/// A body of so many bytes, each the low byte of its offset divided by 4096, never held as a whole.
final class CountingSource: HTTPBodySource {
    let length: Int64
    /// The offsets that were asked for.
    let offsets = Mutex<[Int64]>([])

    init(_ length: Int64) { self.length = length }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        offsets.withLock { $0.append(offset) }
        for index in buffer.indices {
            unsafe buffer[index] = Self.byte(at: offset + Int64(index))
        }
        return buffer.count
    }

    static func byte(at offset: Int64) -> UInt8 { UInt8(truncatingIfNeeded: offset / 4_096) }
}

/// Something that happens once, that a test can wait for.
final class Event: Sendable {
    private let stream: AsyncStream<Void>
    private let source: AsyncStream<Void>.Continuation

    init() { (stream, source) = AsyncStream.makeStream() }

    func happen() { source.finish() }

    func wait() async { for await _ in stream {} }
}

/// The error of a request that must fail.
func failure(
    of request: HTTPRequest,
    on client: HTTPClient,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws -> HTTPError {
    do {
        let response = try await client.send(request)
        Issue.record("answered with \(response.status)", sourceLocation: sourceLocation)
        return .unavailable(reason: "it succeeded")
    } catch {
        return error
    }
}
