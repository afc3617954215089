// SPDX-License-Identifier: Apache-2.0

import HTTP
import Jobs

/// What an endpoint's answer, or its silence, means for the event.
struct WebhookAnswer {
    /// Who is spoken to, for people: the sink and its host.
    let who: String
    /// Whether a text has some of the endpoint's secrets in it.
    let isSecret: (String) -> Bool

    /// Judges an answer: 2xx alone means that the event is told.
    func outcome(of response: HTTPResponse, at now: Timestamp) -> PushOutcome {
        let status = response.status
        let words = words(response.body).map { " \"\($0)\"" } ?? ""
        switch status {
        case 200..<300:
            return .delivered
        case 410:
            return .gone(
                failure(
                    .hold,
                    "webhook-gone",
                    "answered 410\(words): it wants no more events; take the sink out of the "
                        + "templates, or correct its url and run `presignd webhooks enable`"
                )
            )
        case 300..<400:
            return again(
                "answered \(status), a redirect, which is not followed; write the final address into url:",
                response,
                now
            )
        case 401, 403:
            return again(
                "answered \(status)\(words); check its url, secret_file and header_files",
                response,
                now
            )
        case 429:
            return again("asks for less (429\(words))", response, now, .throttle(after: nil))
        case 502, 504:
            // What is in front of it has more than it can pass on.
            return again("answered \(status)\(words)", response, now, .throttle(after: nil))
        case 400..<500:
            return again("answered \(status)\(words); check its url and body", response, now)
        default:
            return again("answered \(status)\(words)", response, now)
        }
    }

    /// Judges a request that got no answer.
    func outcome(of error: HTTPError) -> PushOutcome {
        switch error {
        case .forbiddenAddress:
            .refused(
                failure(
                    .hold,
                    "webhook-address",
                    "has an address that it may not have; if it is on this machine or in a private "
                        + "network, and meant so, write allow_private: true into the sink "
                        + "(plain http:// is never sent beyond that)"
                )
            )
        case .invalidRequest:
            .refused(failure(.hold, "webhook-request", "cannot be asked: \(error)"))
        case .answerTooLarge:
            .retry(
                failure(.retry, "webhook-answer", "gave a longer answer than allowed"),
                after: nil
            )
        case .tls(_, let reason):
            .retry(
                failure(
                    .retry,
                    "webhook-tls",
                    "has no secure connection (\(reason)); if its certificate is your own, name it "
                        + "by ca_file: in the sink"
                ),
                after: nil
            )
        default:
            .retry(failure(.retry, "webhook-network", "is not reached: \(error)"), after: nil)
        }
    }

    private func again(
        _ text: String,
        _ response: HTTPResponse,
        _ now: Timestamp,
        _ advice: Advice = .retry
    ) -> PushOutcome {
        let after = response.headers["retry-after"].flatMap { Self.wait($0, now) }
        return .retry(failure(advice, "webhook-status", text), after: after)
    }

    private func failure(_ advice: Advice, _ code: String, _ text: String) -> Failure {
        Failure(advice, code: code, message: "\(who) \(text)")
    }

    /// Reads `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3); nothing for anything else.
    static func wait(_ text: String, _ now: Timestamp) -> Span? {
        if !text.isEmpty, text.utf8.allSatisfy(\.isASCIIDigit) {
            return .seconds(min(Int64(text) ?? 86_400, 86_400))
        }
        guard let date = HTTPDate.timestamp(text) else { return nil }
        return min(max(date - now, .zero), .seconds(86_400))
    }

    /// A short plain text that an endpoint gave as its reason, such as `invalid_payload`.
    ///
    /// Whatever could be a link, or an echo of what was sent, is not shown.
    private func words(_ body: [UInt8]) -> String? {
        guard (1...80).contains(body.count) else { return nil }
        let isPlain = body.allSatisfy { byte in
            byte.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || " _.,:'-".utf8.contains(byte)
        }
        let text = String(decoding: body, as: UTF8.self)
        return isPlain && !isSecret(text) ? text : nil
    }
}
