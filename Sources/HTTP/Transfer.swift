// SPDX-License-Identifier: Apache-2.0

import CCurl

/// One request on its way, with what has come of its answer so far.
///
/// It is made by the caller's task and belongs to the client's thread from the moment it is in the
/// mailbox; the lock there orders the two. That is what makes it safe to call it `Sendable`.
@safe
final class Transfer: @unchecked Sendable {
    typealias Outcome = Result<HTTPResponse, HTTPError>

    let method: String
    let body: HTTPBody
    let bodyLength: Int64
    let target: RequestTarget
    let memory: RequestMemory
    let unixSocket: String?
    let caFile: String?
    let maxResponseBytes: Int
    let onBody: (@Sendable (UnsafeRawBufferPointer) throws -> Void)?
    let kind: HandleKind
    let allowsExpect: Bool
    let opensConnection: Bool
    let signedAt: ClockReading?
    let addresses: AddressRule
    /// The limit on waiting for the answer.
    let answerTimeout: Duration
    /// Whether that is longer than usual.
    let isPatient: Bool
    let connectTimeout: Duration
    let stallTime: Duration
    let proxy: HTTPProxy?

    /// Who waits; resumed exactly once.
    var continuation: CheckedContinuation<Outcome, Never>?
    var isCancelled = false
    /// Where it waits or runs, from the moment the thread has it.
    var host: Host?
    /// The handle it runs on.
    var handle: EasyHandle?
    var startedAt: Int64 = 0
    var wasRepeatedWithoutExpect = false

    /// The next byte of the body to be read.
    var offset: Int64 = 0
    /// Why one of our callbacks broke the transfer off.
    var failure: HTTPError?
    /// Whether an address was refused, and none that is allowed was tried since.
    var isRefused = false
    /// The status of the answer that is coming in; 0 before its first line.
    var status = 0
    var headerBlock: [UInt8] = []
    var answer: [UInt8] = []

    /// Checks a request and copies it into memory that libcurl can point into.
    init(
        _ request: HTTPRequest,
        options: HTTPOptions,
        route: HTTPRoute = HTTPRoute()
    ) throws(HTTPError) {
        guard !request.method.isEmpty,
            request.method.utf8.allSatisfy({ $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") })
        else { throw .invalidRequest(reason: "the method must be capital letters") }
        method = request.method
        body = request.body
        bodyLength = request.body.length
        guard bodyLength >= 0, method != "HEAD" || bodyLength == 0 else {
            throw .invalidRequest(reason: "the body's length does not fit the method")
        }
        kind = HandleKind(request, bodyLength: bodyLength)
        target = try RequestTarget(url: request.url, unixSocket: request.unixSocket)
        var small: [UInt8] = []
        if kind == .smallBody, case .bytes(let bytes) = request.body { small = bytes }
        proxy = request.unixSocket == nil ? route.proxy : nil
        let isWhole = proxy?.wantsWholeURL == true && !target.isSecure
        memory = try RequestMemory(request, target, wholeURL: isWhole, smallBody: small)
        unixSocket = request.unixSocket
        caFile = request.caFile ?? options.caFile
        maxResponseBytes = request.maxResponseBytes
        unsafe onBody = request.onBody
        allowsExpect = kind == .largeBody && bodyLength >= options.expectFrom ?? .max
        answerTimeout =
            request.answerTimeout
            ?? (route.answerTimeout ?? options.answerTimeout) + .seconds(bodyLength / 50_000_000)
        opensConnection = request.opensConnection
        signedAt = request.signedAt
        addresses = request.addresses
        isPatient = request.answerTimeout != nil
        connectTimeout = route.connectTimeout ?? options.connectTimeout
        stallTime = route.stallTime ?? options.stallTime
    }

    /// `host:port`, for errors.
    var peer: String { target.text }

    /// Whether it has little to send and keeps the answer: its time is the host's, not the bytes'.
    ///
    /// One that may take its time over the answer is not: the host copies a large object, say.
    var isBrief: Bool { !isPatient && (kind == .plain || kind == .smallBody) }

    /// What connections are counted by: the peer, by the way it is reached, under the same rule.
    var way: [UInt8] {
        let way = proxy.map { target.peer + " by \($0)".utf8 } ?? target.peer
        return addresses == .any ? way : way + " \(addresses)".utf8
    }

    /// Hands the outcome to whoever waits.
    func complete(_ outcome: Outcome) {
        continuation?.resume(returning: outcome)
        continuation = nil
    }

    /// Forgets what has come of an answer, because another one begins (after 100, or after 417).
    func forgetAnswer() {
        status = 0
        headerBlock.removeAll(keepingCapacity: true)
        answer.removeAll(keepingCapacity: true)
    }
}

/// What a handle is set up for; a handle never changes its kind, so that little has to be set for a
/// request, and nothing of one kind can leak into another (CVE-2022-32221, CVE-2023-28322).
enum HandleKind: Int, CaseIterable {
    /// No body, small answer.
    case plain
    /// The answer goes to `onBody`.
    case download
    /// A body that leaves in one system call with the headers.
    case smallBody
    /// A body that is read while it is sent.
    case largeBody

    init(_ request: HTTPRequest, bodyLength: Int64) {
        if bodyLength >= RequestMemory.smallBody {
            self = .largeBody
        } else if case .stream = request.body, bodyLength > 0 {
            self = .largeBody
        } else if bodyLength > 0 || request.method == "PUT" || request.method == "POST" {
            self = .smallBody
        } else if unsafe request.onBody != nil {
            self = .download
        } else {
            self = .plain
        }
    }
}
