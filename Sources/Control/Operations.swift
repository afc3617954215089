// SPDX-License-Identifier: Apache-2.0

/// What a daemon tells and takes.
///
/// A command speaks to this protocol and cannot tell whether it is answered by the daemon behind
/// the control socket (`ControlClient`) or, when none runs, in its own process.
public protocol Operations: Sendable {
    /// Counts, and what is not well.
    func status() async throws -> StatusReport
    /// Jobs, newest first.
    func jobs(_ query: JobQuery) async throws -> [JobReport]
    /// The story of one file, once for each template that could watch it.
    func story(_ query: StoryQuery) async throws -> [StoryReport]
    /// Links with their URLs, newest first.
    func links(_ query: LinkQuery) async throws -> [LinkReport]
    /// Links as manifest lines, a page at a time.
    func linkPage(_ query: LinkPageQuery) async throws -> LinkPage
    /// Makes a link anew for whoever asks; nothing remembers it.
    func sign(_ query: SignQuery) async throws -> LinkReport
    /// Takes links back.
    func revoke(_ query: RevokeQuery) async throws -> RevokeReport
    /// Tries again now what is dead or waiting.
    func retry(_ query: RetryQuery) async throws -> RetryReport
    /// Hands out nothing of what is named any more; what is under way goes on to its end.
    func pause(_ query: SteeringQuery) async throws -> SteeringReport
    /// Undoes `pause`.
    func resume(_ query: SteeringQuery) async throws -> SteeringReport
    /// Lets go what came in such numbers that it is held.
    func release(_ query: SteeringQuery) async throws -> SteeringReport
    /// Ends jobs; their files are left alone until they change.
    func cancel(_ query: CancelQuery) async throws -> CancelReport
    /// Keeps new files out for a while, and says what is left.
    func drain(_ query: DrainQuery) async throws -> DrainReport
    /// Reads the configuration anew.
    func reload() async throws -> ReloadReport
    /// Queues files by path.
    func upload(_ order: UploadOrder) async throws -> UploadTicket
    /// Says what `upload` would do, and does nothing.
    func plan(_ order: UploadOrder) async throws -> UploadPlanReport
    /// How each sink stands.
    func sinks() async throws -> [SinkReport]
    /// Tells a sink once more what happened since a moment.
    func replay(_ query: ReplayQuery) async throws -> ReplayReport
    /// Sends a sink an event of no file, to see whether it can be told.
    func testSink(_ query: SinkQuery) async throws -> SinkTestReport
    /// Tells a sink again that is off.
    func enableSink(_ query: SinkQuery) async throws -> SinkReport
    /// Waits for the next files of an upload to end, or for the interval that the query names.
    func progress(_ query: ProgressQuery) async throws -> UploadProgress
}

/// An operation that could not be done, in a sentence for people.
public struct OperationError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    /// What happened and what to do.
    public var description: String

    /// Makes an error.
    public init(_ description: String) { self.description = description }
}

/// The operations by the names they have on the socket.
enum OperationName: String, CaseIterable, Sendable {
    case status, jobs, story, links, retry, reload, upload, plan, progress
    case pause, resume, release, cancel, drain
    case linkPage, sign, revoke
    case sinks, replay, testSink, enableSink
}
