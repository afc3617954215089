// SPDX-License-Identifier: Apache-2.0

/// Why a request got no answer.
///
/// `peer` is `host:port` or the path of a Unix socket. No case holds a URL, because its query may
/// be a signature. Whether the request took effect is unknown after `timeout`, `stalled`,
/// `connectionLost`, `badAnswer`, `answerTooLarge`, `slept` and `cancelled`.
public enum HTTPError: Error, Sendable {
    /// The request cannot be sent as it stands.
    case invalidRequest(reason: String)
    /// The host's name has no address, or no name server answered.
    case resolve(peer: String)
    /// No connection came about.
    case connect(peer: String, reason: String)
    /// Every address of the host is one that the request may not go to (`HTTPRequest.addresses`).
    case forbiddenAddress(peer: String)
    /// The connection could not be secured, or the certificate is not trusted.
    case tls(peer: String, reason: String)
    /// The body was sent and no whole answer came in time.
    case timeout(peer: String, limit: Duration)
    /// The body moved too slowly for too long.
    case stalled(peer: String, limit: Duration)
    /// The connection broke before the answer was whole.
    case connectionLost(peer: String)
    /// The body could not be read; the error is the source's own, or `BodyEndedEarly`.
    case sourceFailed(peer: String, any Error)
    /// The one who takes the answer (`HTTPRequest.onBody`) failed.
    case receiverFailed(peer: String, any Error)
    /// The answer is longer than allowed.
    case answerTooLarge(peer: String, limit: Int)
    /// What came is no HTTP answer.
    case badAnswer(peer: String, reason: String)
    /// The machine slept, or its clock was set, since the request was signed
    /// (`HTTPRequest.signedAt`): it is to be signed anew.
    case slept(peer: String)
    /// The task was cancelled or the client was shut down.
    case cancelled(peer: String)
    /// The client cannot work: it was shut down, or its thread could not be started.
    case unavailable(reason: String)
}

/// A body's source gave no more bytes before the length it had promised.
public struct BodyEndedEarly: Error, Hashable, CustomStringConvertible {
    /// Where it ended.
    public var offset: Int64
    /// The length it had promised.
    public var length: Int64

    /// Makes the error from both numbers.
    public init(offset: Int64, length: Int64) {
        self.offset = offset
        self.length = length
    }

    /// Says both numbers.
    public var description: String { "it ended at byte \(offset) of \(length)" }
}

extension HTTPError: CustomStringConvertible {
    /// What happened, with whom, and what to do.
    public var description: String {
        switch self {
        case .invalidRequest(let reason):
            "request not sent: \(reason)"
        case .resolve(let peer):
            "no address found for \(peer): check the host's name and the name server"
        case .connect(let peer, let reason):
            "no connection to \(peer): \(reason); check that the server runs and can be reached"
        case .forbiddenAddress(let peer):
            "no connection to \(peer): its address is not one that this request may go to"
        case .tls(let peer, let reason):
            "no secure connection to \(peer): \(reason); check the certificate, or set its CA file"
        case .timeout(let peer, let limit):
            "no answer from \(peer) within \(limit): it is tried again later"
        case .stalled(let peer, let limit):
            "the transfer with \(peer) stood still for \(limit): check the network's speed"
        case .connectionLost(let peer):
            "\(peer) closed the connection before its answer was whole: it is tried again later"
        case .sourceFailed(let peer, let error):
            "the body for \(peer) could not be read: \(error)"
        case .receiverFailed(let peer, let error):
            "the answer of \(peer) could not be taken: \(error)"
        case .answerTooLarge(let peer, let limit):
            "the answer of \(peer) is longer than \(limit) bytes: check that it is the right server"
        case .badAnswer(let peer, let reason):
            "\(peer) does not answer in HTTP: \(reason); check the address and the port"
        case .slept(let peer):
            "the machine slept, or its clock was set, before \(peer) answered: it is sent again"
        case .cancelled(let peer):
            "the request to \(peer) was cancelled"
        case .unavailable(let reason):
            "no request can be sent: \(reason)"
        }
    }
}
