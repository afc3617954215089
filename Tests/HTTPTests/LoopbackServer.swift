// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A real HTTP server on 127.0.0.1 or a Unix socket, a thread for each connection, that answers as
/// the test says.
final class LoopbackServer: Sendable {
    /// Answers one request; says whether the connection stays open.
    typealias Script = @Sendable (Request, Connection) -> Bool

    /// The head of one request.
    struct Request: Sendable {
        /// Counts the requests of this server from 1.
        var number: Int
        /// Counts the connections of this server from 1.
        var connection: Int
        /// The lines of the head without their line breaks; the first is the request line.
        var lines: [String]

        func header(_ name: String) -> String? {
            lines.dropFirst().first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { line in
                    String(line.drop { $0 != ":" }.dropFirst().drop { $0 == " " })
                }
        }

        var length: Int { header("content-length").flatMap { Int($0) } ?? 0 }
    }

    private struct State {
        var requests: [Request] = []
        var connections = 0
        var open: Set<Int32> = []
    }

    let port: UInt16
    /// The numbers of the connections that have ended.
    let ended: AsyncStream<Int>
    private let tellEnd: AsyncStream<Int>.Continuation
    private let greeting: String
    private let listener: Int32
    private let script: Script
    private let state = Mutex(State())

    /// What came in so far.
    var requests: [Request] { state.withLock { $0.requests } }
    /// How many connections came in so far.
    var connections: Int { state.withLock { $0.connections } }

    /// Starts a server on a free port, or on a Unix socket, that says `greeting` before all.
    init(
        unixSocket: String? = nil,
        greeting: String = "",
        _ script: @escaping Script
    ) throws {
        self.script = script
        self.greeting = greeting
        (ended, tellEnd) = AsyncStream.makeStream()
        (listener, port) = try unixSocket.map { (try listenOnUnix($0), 0) } ?? listenOnLoopback()
        let context = unsafe Unmanaged.passRetained(self)
        var thread = pthread_t()
        unsafe pthread_create(&thread, nil, acceptConnections, context.toOpaque())
        pthread_detach(thread)
    }

    /// The bytes of a URL on this server.
    func url(_ path: String) -> [UInt8] { Array("http://127.0.0.1:\(port)\(path)".utf8) }

    /// Ends the server and every connection.
    func stop() {
        Glibc.shutdown(listener, Int32(SHUT_RDWR))
        state.withLock { state in
            for socket in state.open { Glibc.shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    fileprivate func accept() {
        while true {
            let socket = Glibc.accept(listener, nil, nil)
            guard socket >= 0 else { break }
            // No program that another test starts shall keep it open.
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
            let number = state.withLock { state in
                state.connections += 1
                state.open.insert(socket)
                return state.connections
            }
            let job = ConnectionJob(server: self, connection: Connection(socket, number: number))
            var thread = pthread_t()
            let context = unsafe Unmanaged.passRetained(job)
            unsafe pthread_create(&thread, nil, serveConnection, context.toOpaque())
            pthread_detach(thread)
        }
        close(listener)
    }

    fileprivate func serve(_ connection: Connection) {
        connection.write(Array(greeting.utf8))
        while let lines = connection.readHead() {
            let request = state.withLock { state in
                let request = Request(
                    number: state.requests.count + 1,
                    connection: connection.number,
                    lines: lines
                )
                state.requests.append(request)
                return request
            }
            guard script(request, connection) else { break }
        }
        state.withLock { _ = $0.open.remove(connection.socket) }
        close(connection.socket)
        tellEnd.yield(connection.number)
    }
}

private final class ConnectionJob: Sendable {
    let server: LoopbackServer
    let connection: Connection

    init(server: LoopbackServer, connection: Connection) {
        self.server = server
        self.connection = connection
    }
}

private func acceptConnections(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context = unsafe context {
        unsafe Unmanaged<LoopbackServer>.fromOpaque(context).takeRetainedValue().accept()
    }
    return nil
}

private func serveConnection(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context = unsafe context {
        let job = unsafe Unmanaged<ConnectionJob>.fromOpaque(context).takeRetainedValue()
        job.server.serve(job.connection)
    }
    return nil
}
