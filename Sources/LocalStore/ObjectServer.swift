// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import HummingbirdCore
import Jobs
import Logging
import NIOCore
import NIOPosix

/// Answers requests: asks the gate, does what is asked, and sends what came of it.
struct ObjectServer: Sendable {
    let gate: Gate
    let folder: ObjectFolder
    /// The threads that may wait for the disk.
    let disk: NIOThreadPool
    let now: @Sendable () -> Timestamp
    let logger: Logger

    /// Bytes of a body read or written at a time.
    static let chunk = 128 << 10
    /// A refused body up to this size is taken in and thrown away, so that the connection lives on.
    private static let smallRest: Int64 = 1 << 20
    /// Of a longer one this much is taken while the client reads the answer; then it is cut off.
    private static let longestRest: Int64 = 16 << 20

    /// A connection ends here on purpose.
    private struct EndOfConnection: Error {}

    /// Serves one request.
    ///
    /// - Throws: an error that closes the connection, when nothing sensible can follow on it.
    func respond(to request: Request, with writer: consuming ResponseWriter) async throws {
        let requestID = Self.requestID()
        let method = request.method.rawValue
        let resource = String((request.head.path ?? "").prefix { $0 != "?" })
        var body = IncomingBody(request)
        var answer: Answer
        do {
            let call = try Call(request.head)
            let task = try await admit(call)
            if task.takesBody {
                if body.mustInvite {
                    try await writer.writeInformationalHead(.init(status: .continue))
                }
                body.isInvited = true
            }
            let key: ObjectKey
            (key, answer) = try await perform(task, call, &body)
            log(call.method, "\(key)", answer.status)
        } catch let refusal as Refusal {
            answer = Answer(refusal, to: method, resource: resource, requestID: requestID)
            log(method, resource, answer.status, refusal.code.rawValue)
        } catch let problem as FileProblem {
            logger.error("embedded store: \(problem)")
            let refusal = Refusal(problem)
            answer = Answer(refusal, to: method, resource: resource, requestID: requestID)
        }
        let isClosing = body.rest > Self.smallRest || !body.isInvited
        let head = answer.head(requestID: requestID, at: now(), closing: isClosing)
        try await send(head, answer.body, to: writer)
        if isClosing {
            // Closing with bytes unread resets the connection, and the answer might be lost.
            try await body.discard(upTo: Self.longestRest)
            throw EndOfConnection()
        }
    }

    /// A request that may be done.
    private enum Admitted {
        case form(IncomingForm)
        case upload(ObjectKey, Upload)
        case ending(Completion)
        case copy(CopyCall)
        case other(Gate.Grant)

        var takesBody: Bool {
            switch self {
            case .other, .copy: false
            case .form, .upload, .ending: true
            }
        }
    }

    private func admit(_ call: Call) async throws -> Admitted {
        if let form = try gate.form(in: call) { return .form(form) }
        let grant = try gate.admit(call, at: now())
        if let copy = try CopyCall(call, grant, gate) { return .copy(copy) }
        switch grant.multipart {
        case .part(let number, let id):
            return .upload(grant.key, try await prepare(call, grant, part: number, of: id))
        case .complete(let id): return .ending(try Completion(call, grant, id))
        case nil where call.method == "PUT": break
        default: return .other(grant)
        }
        return .upload(grant.key, try await prepare(call, grant))
    }

    private func perform(
        _ task: Admitted,
        _ call: Call,
        _ body: inout IncomingBody
    ) async throws -> (ObjectKey, Answer) {
        switch task {
        case .form(var form): try await receive(&form, of: call, from: &body)
        case .upload(let key, let upload): (key, try await receive(upload, from: &body))
        case .ending(let completion):
            (completion.key, try await complete(completion, call, &body))
        case .copy(let call): (call.target, try await copy(call))
        case .other(let grant):
            if let multipart = grant.multipart {
                (grant.key, try await serve(multipart, call, grant.key))
            } else {
                (grant.key, try await serve(call, key: grant.key))
            }
        }
    }

    private func send(
        _ head: HTTPResponse,
        _ body: Answer.Body,
        to writer: consuming ResponseWriter
    ) async throws {
        switch body {
        case .none: try await writer.writeResponse(head)
        case .bytes(let bytes):
            try await writer.write(response: head, body: ResponseBody(byteBuffer: bytes))
        case .object(let object, let range):
            if let bytes = object.atHand(range) {
                try await writer.write(response: head, body: ResponseBody(byteBuffer: bytes))
                return
            }
            var output = try await writer.writeHead(head)
            var offset = range.lowerBound
            while offset < range.upperBound {
                let piece = offset..<min(range.upperBound, offset + Int64(Self.chunk))
                let bytes: ByteBuffer
                do {
                    bytes = try await disk.runIfActive { try object.read(piece) }
                } catch let problem as FileProblem {
                    logger.error("embedded store: \(problem); the answer was cut short")
                    throw problem
                }
                try await output.write(bytes)
                offset = piece.upperBound
            }
            try await output.finish(nil)
        }
    }

    private func log(_ method: String, _ object: String, _ status: Int, _ code: String? = nil) {
        logger.debug(
            "embedded store: \(method) \(NameText.shown(Array(object.utf8))) \(status)",
            metadata: code.map { ["code": "\($0)"] }
        )
    }

    /// Sixteen upper-case hexadecimal digits, as S3's are.
    private static func requestID() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16, uppercase: true)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
