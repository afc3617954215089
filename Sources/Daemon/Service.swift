// SPDX-License-Identifier: Apache-2.0

public import Control
import HTTP
public import Jobs
import Logging

/// presignd on one configuration: as the daemon, or as the rooms behind a command.
public struct Service: Sendable {
    let configuration: Configuration
    let surroundings: Surroundings

    /// Prepares a service; nothing is opened yet.
    public init(_ configuration: Configuration, _ surroundings: Surroundings) {
        self.configuration = configuration
        self.surroundings = surroundings
    }

    /// Runs the daemon until the task is cancelled.
    ///
    /// Uploads under way then get ten seconds to finish; everything else stays queued.
    ///
    /// - Parameters:
    ///   - reread: Reads the files anew: the templates when one of them changes, all of them on a
    ///     hang-up.
    ///   - hangUps: When to read all of them.
    ///   - onReady: Called once everything is open and served.
    /// - Throws: `StateFolderError` when the state folder is taken or unusable, and whatever keeps a
    ///   room from starting (a busy port, a manifest that cannot be written).
    public func run(
        rereading reread: Rereading,
        at hangUps: AsyncStream<Void>,
        onReady: @escaping @Sendable () -> Void
    ) async throws {
        let state = try StateFolder(configuration.state)
        let engine = try Engine(
            configuration,
            surroundings,
            state: state,
            purpose: .daemon,
            reread: reread
        )
        try await engine.run(hangUps: hangUps, onReady: onReady)
    }

    /// Runs `body` with the operations of the daemon that has the state folder; when none has it,
    /// with the same operations in this process.
    ///
    /// - Parameters:
    ///   - working: Whether `body` needs jobs to be run (`upload`), not only looked at.
    ///   - body: What to do.
    /// - Returns: What `body` returned.
    /// - Throws: What `body` throws; `StateFolderError` when the folder is taken by a process that
    ///   does not answer.
    public func withOperations<Result: Sendable>(
        working: Bool,
        _ body: @escaping @Sendable (any Operations) async throws -> Result
    ) async throws -> Result {
        if let result = try await Self.withDaemon(state: configuration.state, body) {
            return result
        }
        let state = try StateFolder(configuration.state)
        let engine = try Engine(
            configuration,
            surroundings,
            state: state,
            purpose: working ? .upload : .look
        )
        return try await engine.run(for: body)
    }

    /// Runs `body` with the operations of the daemon that has the state folder.
    ///
    /// - Parameters:
    ///   - state: The state folder.
    ///   - body: What to do.
    /// - Returns: What `body` returned; nothing when no daemon answers.
    /// - Throws: What `body` throws.
    public static func withDaemon<Result: Sendable>(
        state: String,
        _ body: @escaping @Sendable (any Operations) async throws -> Result
    ) async throws -> Result? {
        let http = HTTPClient(HTTPOptions())
        let client = ControlClient(socket: StateFolder.socket(in: state), http: http)
        guard await client.isAnswered() else {
            await http.shutdown()
            return nil
        }
        defer { Task { await http.shutdown() } }
        return try await body(client)
    }
}
