// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Hummingbird
public import Logging
import NIOCore

#if canImport(Glibc)
import Glibc
#endif

/// Serves `Operations` as JSON over HTTP on a Unix socket in the state folder.
///
/// The socket's file mode (0600) is the access control; there is no TCP port. Each operation is
/// `POST /v1/<name>` with a JSON body, answered by 200 and JSON, or by 4xx/5xx and
/// `{"description": …}`.
public struct ControlServer: Sendable {
    private let operations: any Operations
    private let path: String
    private let logger: Logger

    /// Prepares a server; `run` binds the socket.
    public init(_ operations: any Operations, socket path: String, logger: Logger) {
        self.operations = operations
        self.path = path
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
        let router = Router()
        for name in OperationName.allCases {
            router.post("/v1/\(name.rawValue)") { request, _ in
                try await answer(name, request)
            }
        }
        let socket = path
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socket)),
            onServerRunning: { _ in unsafe chmod(socket, 0o600) },
            logger: quiet(logger)
        )
        try await application.run()
    }

    private func answer(_ name: OperationName, _ request: Request) async throws -> Response {
        // 10,000 paths of an `upload` fit; nothing else comes near.
        var request = request
        let body = try await request.collectBody(upTo: 64 << 20)
        do {
            let data = try await perform(name, Data(body.readableBytesView))
            return Self.response(.ok, data)
        } catch let error as OperationError {
            return Self.response(.unprocessableContent, try JSONEncoder().encode(error))
        } catch let error as DecodingError {
            let text = OperationError("\(name.rawValue): the request is not understood: \(error)")
            return Self.response(.badRequest, try JSONEncoder().encode(text))
        } catch {
            let text = OperationError("\(name.rawValue): \(error)")
            return Self.response(.internalServerError, try JSONEncoder().encode(text))
        }
    }

    private func perform(_ name: OperationName, _ body: Data) async throws -> Data {
        let encoder = JSONEncoder()
        switch name {
        case .status: return try encoder.encode(await operations.status())
        case .jobs: return try encoder.encode(await operations.jobs(Self.read(body)))
        case .story: return try encoder.encode(await operations.story(Self.read(body)))
        case .links: return try encoder.encode(await operations.links(Self.read(body)))
        case .retry: return try encoder.encode(await operations.retry(Self.read(body)))
        case .upload: return try encoder.encode(await operations.upload(Self.read(body)))
        case .progress: return try encoder.encode(await operations.progress(Self.read(body)))
        }
    }

    private static func read<Value: Decodable>(_ body: Data) throws -> Value {
        try JSONDecoder().decode(Value.self, from: body)
    }

    private static func response(_ status: HTTPResponse.Status, _ body: Data) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }

    /// Hummingbird announces its address at `info`; that is a detail of ours.
    private func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
