// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix

/// Serves `Operations` as JSON over HTTP on a Unix socket in the state folder.
///
/// The socket's file mode (0600) is the access control; there is no TCP port. Each operation is
/// `POST /v1/<name>` with a JSON body, answered by 200 and JSON, or by 4xx/5xx and
/// `{"description": …}`.
///
/// Hummingbird's server without its application: that wakes up every second to keep the time.
public struct ControlServer: Sendable {
    /// 100,000 paths of an `upload` fit; nothing else comes near.
    private static let longestBody = 64 << 20

    private let operations: any Operations
    private let path: String
    private let logger: Logger

    /// Prepares a server; `run` binds the socket.
    public init(_ operations: any Operations, socket path: String, logger: Logger) {
        self.operations = operations
        self.path = path
        // Hummingbird announces its address at `info` and a cancelled connection at `error`.
        var logger = logger
        logger.logLevel = .critical
        self.logger = logger
    }

    /// Serves until the task is cancelled.
    ///
    /// A socket left behind by a killed process is removed first: the caller holds the state lock,
    /// so its owner is dead.
    ///
    /// - Throws: `OperationError` when the socket cannot be bound.
    public func run() async throws {
        guard path.utf8.count < 108 else {
            throw OperationError(
                "control socket \(path): a socket's path has at most 107 bytes (unix(7)); "
                    + "set a shorter `state:` folder"
            )
        }
        unsafe unlink(path)
        let server = Server(
            childChannelSetup: HTTP1Channel(
                responder: { request, writer, _ in try await respond(request, writer) }
            ),
            configuration: ServerConfiguration(address: .unixDomainSocket(path: path)),
            onServerRunning: { [path] _ in _ = unsafe chmod(path, 0o600) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger
        )
        try await server.run()
    }

    private func respond(
        _ request: Request,
        _ writer: consuming ResponseWriter
    ) async throws {
        let (status, body) = try await answer(request)
        let head = HTTPResponse(
            status: status,
            headerFields: [.contentType: "application/json", .contentLength: "\(body.count)"]
        )
        try await writer.write(
            response: head,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }

    private func answer(_ request: Request) async throws -> (HTTPResponse.Status, Data) {
        var request = request
        let body = try await request.collectBody(upTo: Self.longestBody)
        let path = request.head.path ?? ""
        guard request.method == .post, path.hasPrefix("/v1/"),
            let name = OperationName(rawValue: String(path.dropFirst(4)))
        else {
            return (.notFound, try Self.error("there is no operation \(path)"))
        }
        do {
            return (.ok, try await perform(name, Data(body.readableBytesView)))
        } catch let error as OperationError {
            return (.unprocessableContent, try JSONEncoder().encode(error))
        } catch let error as DecodingError {
            return (.badRequest, try Self.error("\(name) is not understood: \(error)"))
        } catch {
            return (.internalServerError, try Self.error("\(name): \(error)"))
        }
    }

    private func perform(_ name: OperationName, _ body: Data) async throws -> Data {
        let encoder = JSONEncoder()
        switch name {
        case .status: return try encoder.encode(await operations.status())
        case .jobs: return try encoder.encode(await operations.jobs(Self.read(body)))
        case .story: return try encoder.encode(await operations.story(Self.read(body)))
        case .links: return try encoder.encode(await operations.links(Self.read(body)))
        case .linkPage: return try encoder.encode(await operations.linkPage(Self.read(body)))
        case .sign: return try encoder.encode(await operations.sign(Self.read(body)))
        case .revoke: return try encoder.encode(await operations.revoke(Self.read(body)))
        case .retry: return try encoder.encode(await operations.retry(Self.read(body)))
        case .reload: return try encoder.encode(await operations.reload())
        case .upload: return try encoder.encode(await operations.upload(Self.read(body)))
        case .plan: return try encoder.encode(await operations.plan(Self.read(body)))
        case .pause: return try encoder.encode(await operations.pause(Self.read(body)))
        case .resume: return try encoder.encode(await operations.resume(Self.read(body)))
        case .release: return try encoder.encode(await operations.release(Self.read(body)))
        case .cancel: return try encoder.encode(await operations.cancel(Self.read(body)))
        case .drain: return try encoder.encode(await operations.drain(Self.read(body)))
        case .sinks: return try encoder.encode(await operations.sinks())
        case .replay: return try encoder.encode(await operations.replay(Self.read(body)))
        case .testSink: return try encoder.encode(await operations.testSink(Self.read(body)))
        case .enableSink: return try encoder.encode(await operations.enableSink(Self.read(body)))
        case .progress: return try encoder.encode(await operations.progress(Self.read(body)))
        }
    }

    private static func read<Value: Decodable>(_ body: Data) throws -> Value {
        try JSONDecoder().decode(Value.self, from: body)
    }

    private static func error(_ text: String) throws -> Data {
        try JSONEncoder().encode(OperationError(text))
    }
}
