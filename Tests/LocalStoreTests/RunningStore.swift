// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Logging
import NIOPosix
import Sign
import Synchronization
import Testing

@testable import LocalStore

/// A clock that stands where a test puts it; it begins at the true time.
final class TestClock: Sendable {
    private let moment: Mutex<Timestamp>

    init() {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        moment = Mutex(Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec)))
    }

    var now: Timestamp { moment.withLock { $0 } }

    func advance(_ span: Span) { moment.withLock { $0 = $0 + span } }
}

/// A folder that is gone after the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/presignd-localstore-XXXXXX".utf8CString)
        path = try unsafe template.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress, let made = unsafe mkdtemp(start) else {
                throw TestFailure("mkdtemp: \(errno)")
            }
            return unsafe String(cString: made)
        }
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        guard unsafe unlink(path) != 0 else { return }
        do {
            let folder = try OpenFile(path, flags: O_RDONLY | O_DIRECTORY)
            for name in try PrivateFolder.names(in: folder, path: path) {
                remove("\(path)/\(name)")
            }
        } catch {
            Issue.record(error)
        }
        unsafe rmdir(path)
    }
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A store that serves on a port of its own while a test talks to it.
struct RunningStore: Sendable {
    let port: Int
    let key: AccessKey
    let clock: TestClock
    let folder: String
    /// Ends the serving, as the end of the daemon does.
    let cancel: @Sendable () -> Void
    /// Returns when the serving has ended.
    let ended: @Sendable () async -> Void

    /// Threads for the blocking ends of the tests; the server needs the others.
    static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 160)
        pool.start()
        return pool
    }()

    /// Opens a store and serves while `body` runs; returns when serving has ended.
    static func serve(
        in folder: TemporaryFolder,
        clock: TestClock = TestClock(),
        maxSize: Int64? = nil,
        publicEndpoint: Endpoint? = nil,
        limits: LocalStore.Limits = LocalStore.Limits(),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ body: @Sendable (RunningStore) async throws -> Void
    ) async throws {
        let store = try LocalStore.open(
            LocalStoreSettings(
                folder: "\(folder.path)/objects",
                port: 0,
                publicEndpoint: publicEndpoint,
                maxSize: maxSize
            ),
            name: "local",
            credentialsFile: "\(folder.path)/state/stores/local.credentials",
            limits: limits,
            now: { clock.now },
            logger: logger
        )
        let (ports, ready) = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let serving = Task { try await store.run { ready.yield($0) } }
            group.addTask {
                defer { ready.finish() }
                try await withTaskCancellationHandler {
                    try await serving.value
                } onCancel: {
                    serving.cancel()
                }
            }
            var iterator = ports.makeAsyncIterator()
            if let port = await iterator.next() {
                try await body(
                    RunningStore(
                        port: port,
                        key: store.accessKey,
                        clock: clock,
                        folder: "\(folder.path)/objects",
                        cancel: { serving.cancel() },
                        ended: { _ = await serving.result }
                    )
                )
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// Signs a request as the daemon does.
    func sign(_ request: ObjectRequest, bucket: String = "local") throws -> SignedRequest {
        let signer = SigV4Signer(
            endpoint: try Endpoint("http://127.0.0.1:\(port)"),
            style: .path,
            bucket: bucket,
            region: "eu-test-1",
            key: key
        )
        return try signer.presign(request, at: clock.now)
    }

    /// Signs, sends, and reads the answer.
    @discardableResult
    func ask(
        _ method: HTTPMethod,
        _ key: ObjectKey,
        headers: [Header] = [],
        unsigned: [Header] = [],
        query: [QueryItem] = [],
        body: [UInt8] = [],
        bucket: String = "local"
    ) async throws -> Reply {
        let request = try sign(
            ObjectRequest(method, key, headers: headers, query: query, lifetime: 600),
            bucket: bucket
        )
        return try await send(request, unsigned: unsigned, body: body)
    }

    /// Sends a signed request and reads the answer.
    func send(
        _ request: SignedRequest,
        unsigned: [Header] = [],
        body: [UInt8] = []
    ) async throws -> Reply {
        let target = Self.target(of: request.url.reveal())
        var headers = request.headers.filter { $0.name.lowercased() != "host" } + unsigned
        let isFramed = headers.contains {
            ["content-length", "transfer-encoding"].contains($0.name.lowercased())
        }
        if request.method == .put, !isFramed {
            headers.append(Header("Content-Length", "\(body.count)"))
        }
        return try await exchange(request.method.rawValue, target, headers, body: body)
    }

    /// Sends a request as it is and reads the answer.
    func exchange(
        _ method: String,
        _ target: String,
        _ headers: [Header],
        host: String? = nil,
        body: [UInt8] = []
    ) async throws -> Reply {
        let head = Self.head(
            method,
            target,
            [Header("Host", host ?? "127.0.0.1:\(port)")] + headers
        )
        return try await talk { connection in
            try connection.write(head + body)
            return try connection.reply(to: method)
        }
    }

    /// Talks over a connection, on a thread that may block.
    func talk<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        let port = port
        return try await Self.threads.runIfActive { try body(try Connection(port: port)) }
    }

    static func head(_ method: String, _ target: String, _ headers: [Header]) -> [UInt8] {
        let lines = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        return Array("\(method) \(target) HTTP/1.1\r\n\(lines)\r\n".utf8)
    }

    /// Path and query of a URL.
    static func target(of url: [UInt8]) -> String {
        let text = String(decoding: url, as: UTF8.self)
        let rest = text.dropFirst("http://".count)
        return String(rest.drop { $0 != "/" })
    }
}
