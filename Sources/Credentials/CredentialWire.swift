// SPDX-License-Identifier: Apache-2.0

import HTTP

/// Asks those who hand out keys over HTTP, and asks again when they had a bad moment.
struct CredentialWire: Sendable {
    /// Who is asked, which decides how long an answer may take.
    enum Distance: Sendable {
        /// This machine or its host: an instance's metadata, a container's agent.
        ///
        /// The AWS tools wait a second: where there is none, nothing answers at all.
        case near
        /// A service on the network: STS.
        case far

        fileprivate var answerTimeout: Duration { self == .near ? .seconds(1) : .seconds(10) }
    }

    /// The pauses before each further try.
    private static let pauses = [Duration.milliseconds(100), .milliseconds(400)]

    // Their threads start with the first request, so whoever needs no network has none.
    private let near = HTTPClient(HTTPOptions(connectTimeout: .seconds(1)))
    private let far = HTTPClient(HTTPOptions(connectTimeout: .seconds(5)))

    /// Sends a request until it is answered by something other than a passing error.
    ///
    /// - Parameters:
    ///   - request: what to send; sent anew by every try.
    ///   - distance: how far away who is asked is.
    ///   - route: how the request goes out.
    ///   - source: who is asked, for errors.
    ///   - isPassing: tells of an answer whether the same may succeed a little later.
    /// - Returns: the answer, whatever else its status.
    /// - Throws: `CredentialError.unreachable` when there is no answer, and for the last passing one.
    func ask(
        _ request: HTTPRequest,
        _ distance: Distance,
        by route: HTTPRoute = HTTPRoute(),
        of source: String,
        isPassing: (HTTPResponse) -> String? = CredentialWire.trouble
    ) async throws(CredentialError) -> HTTPResponse {
        var request = request
        request.answerTimeout = distance.answerTimeout
        let client = (distance == .near ? near : far).routed(route)
        var problem = ""
        for pause in [.zero] + Self.pauses {
            if pause > .zero {
                do {
                    try await Task.sleep(for: pause)
                } catch {
                    break
                }
            }
            do throws(HTTPError) {
                let answer = try await client.send(request)
                guard let trouble = isPassing(answer) else { return answer }
                problem = trouble
            } catch {
                problem = Self.text(error)
                guard Self.isWorthRepeating(error, distance) else { break }
            }
        }
        throw .unreachable(source: source, problem: problem)
    }

    /// What every server says by its status when it has a bad moment.
    static func trouble(_ answer: HTTPResponse) -> String? {
        answer.status >= 500 || answer.status == 429 ? "it answered \(answer.status)" : nil
    }

    /// Where nothing answers near by, there is nothing; and the time is short.
    private static func isWorthRepeating(_ error: HTTPError, _ distance: Distance) -> Bool {
        switch error {
        case .connect, .resolve: distance == .far
        case .timeout, .connectionLost, .stalled: true
        default: false
        }
    }

    private static func text(_ error: HTTPError) -> String {
        // The cures of HTTP's own texts are for stores.
        switch error {
        case .resolve(let peer): "no address found for \(peer)"
        case .connect(let peer, let reason): "no connection to \(peer): \(reason)"
        case .tls(let peer, let reason):
            "no secure connection to \(peer): \(reason); AWS_CA_BUNDLE or ca_bundle of the profile "
                + "names a file of certificates to trust"
        case .timeout(let peer, let limit): "no answer from \(peer) within \(limit)"
        case .connectionLost(let peer), .stalled(let peer, _): "\(peer) broke off its answer"
        case .answerTooLarge(_, let limit): "the answer is longer than \(limit) bytes"
        default: "\(error)"
        }
    }
}
