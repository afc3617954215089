// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
public import HTTP

/// Speaks to the daemon behind a control socket.
public struct ControlClient: Operations {
    private let socket: String
    private let http: HTTPClient

    /// Prepares a client; nothing is connected yet.
    public init(socket: String, http: HTTPClient) {
        self.socket = socket
        self.http = http
    }

    /// Whether a daemon answers on the socket.
    public func isAnswered() async -> Bool {
        (try? await status()) != nil
    }

    /// See `Operations`.
    public func status() async throws -> StatusReport { try await ask(.status, Nothing()) }

    /// See `Operations`.
    public func jobs(_ query: JobQuery) async throws -> [JobReport] { try await ask(.jobs, query) }

    /// See `Operations`.
    public func story(_ query: StoryQuery) async throws -> [StoryReport] {
        try await ask(.story, query)
    }

    /// See `Operations`.
    public func links(_ query: LinkQuery) async throws -> [LinkReport] {
        try await ask(.links, query)
    }

    /// See `Operations`.
    public func linkPage(_ query: LinkPageQuery) async throws -> LinkPage {
        try await ask(.linkPage, query)
    }

    /// See `Operations`.
    public func sign(_ query: SignQuery) async throws -> LinkReport {
        try await ask(.sign, query)
    }

    /// See `Operations`.
    public func revoke(_ query: RevokeQuery) async throws -> RevokeReport {
        try await ask(.revoke, query)
    }

    /// See `Operations`.
    public func retry(_ query: RetryQuery) async throws -> RetryReport {
        try await ask(.retry, query)
    }

    /// See `Operations`.
    public func reload() async throws -> ReloadReport { try await ask(.reload, Nothing()) }

    /// See `Operations`.
    public func upload(_ order: UploadOrder) async throws -> UploadTicket {
        try await ask(.upload, order)
    }

    /// See `Operations`.
    public func plan(_ order: UploadOrder) async throws -> UploadPlanReport {
        try await ask(.plan, order)
    }

    /// See `Operations`.
    public func progress(_ query: ProgressQuery) async throws -> UploadProgress {
        try await ask(.progress, query)
    }

    /// See `Operations`.
    public func pause(_ query: SteeringQuery) async throws -> SteeringReport {
        try await ask(.pause, query)
    }

    /// See `Operations`.
    public func resume(_ query: SteeringQuery) async throws -> SteeringReport {
        try await ask(.resume, query)
    }

    /// See `Operations`.
    public func release(_ query: SteeringQuery) async throws -> SteeringReport {
        try await ask(.release, query)
    }

    /// See `Operations`.
    public func cancel(_ query: CancelQuery) async throws -> CancelReport {
        try await ask(.cancel, query)
    }

    /// See `Operations`.
    public func drain(_ query: DrainQuery) async throws -> DrainReport {
        try await ask(.drain, query)
    }

    /// See `Operations`.
    public func sinks() async throws -> [SinkReport] { try await ask(.sinks, Nothing()) }

    /// See `Operations`.
    public func replay(_ query: ReplayQuery) async throws -> ReplayReport {
        try await ask(.replay, query)
    }

    /// See `Operations`.
    public func testSink(_ query: SinkQuery) async throws -> SinkTestReport {
        try await ask(.testSink, query)
    }

    /// See `Operations`.
    public func enableSink(_ query: SinkQuery) async throws -> SinkReport {
        try await ask(.enableSink, query)
    }

    private struct Nothing: Encodable {}

    /// Sends a request; a cancelled task throws `CancellationError`, as everywhere else.
    private func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        do {
            return try await http.send(request)
        } catch .cancelled {
            throw CancellationError()
        }
    }

    private func ask<Question: Encodable, Answer: Decodable>(
        _ name: OperationName,
        _ question: Question
    ) async throws -> Answer {
        let body = try [UInt8](JSONEncoder().encode(question))
        let response = try await send(
            HTTPRequest(
                method: "POST",
                url: Array("http://presignd/v1/\(name.rawValue)".utf8),
                headers: [(name: "Content-Type", value: "application/json")],
                body: .bytes(body),
                maxResponseBytes: 256 << 20,
                // `progress` waits for files to end, `upload` walks folders.
                answerTimeout: .seconds(3_600),
                unixSocket: socket
            )
        )
        let data = Data(response.body)
        guard response.status == 200 else {
            throw (try? JSONDecoder().decode(OperationError.self, from: data))
                ?? OperationError("the daemon answered \(response.status) to \(name.rawValue)")
        }
        return try JSONDecoder().decode(Answer.self, from: data)
    }
}
