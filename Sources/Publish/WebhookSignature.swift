// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Jobs

/// Signs webhooks, and checks what was signed, by the symmetric scheme of Standard Webhooks
/// (https://www.standardwebhooks.com, "Webhook scheme"): HMAC-SHA256 over `id.timestamp.body`.
public enum WebhookSignature: Sendable {
    /// How far the receiver's clock may be from the sender's.
    public static let tolerance = Span.seconds(300)

    /// The headers of a request.
    ///
    /// - Parameters:
    ///   - id: The event's id, constant over retries.
    ///   - moment: The moment of the attempt.
    ///   - body: The bytes that are sent.
    ///   - keys: The keys; the receiver needs to know one of them.
    /// - Returns: The three headers, names in lower case.
    public static func headers(
        id: String,
        at moment: Timestamp,
        body: [UInt8],
        keys: [WebhookKey]
    ) -> [(name: String, value: String)] {
        let time = "\(moment.seconds)"
        let text = text(id, time, body)
        let signatures = keys.map { key in
            "v1," + Array(HMAC<SHA256>.authenticationCode(for: text, using: key.key)).base64
        }
        return [
            ("webhook-id", id), ("webhook-timestamp", time),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }

    /// Whether a request was signed with one of the keys, not long ago.
    ///
    /// Every signature is tried with every key, in a time that does not tell where they differ.
    ///
    /// - Parameters:
    ///   - headers: The request's headers; names in any case.
    ///   - body: Its body.
    ///   - keys: The keys that are good.
    ///   - now: The present moment.
    /// - Returns: Whether its receiver may believe it.
    public static func isGood(
        headers: [(name: String, value: String)],
        body: [UInt8],
        keys: [WebhookKey],
        at now: Timestamp
    ) -> Bool {
        guard let id = only("webhook-id", in: headers),
            let time = only("webhook-timestamp", in: headers),
            let signatures = only("webhook-signature", in: headers),
            !id.isEmpty, !time.isEmpty, time.utf8.count <= 11,
            time.utf8.allSatisfy(\.isASCIIDigit), let seconds = Int64(time),
            abs(now.seconds - seconds) <= tolerance.seconds
        else { return false }
        let text = text(id, time, body)
        var isGood = false
        for part in signatures.split(separator: " ") where part.hasPrefix("v1,") {
            guard let code = [UInt8](base64: part.dropFirst(3)) else { continue }
            for key in keys {
                let fits = HMAC<SHA256>.isValidAuthenticationCode(
                    code,
                    authenticating: text,
                    using: key.key
                )
                isGood = fits || isGood
            }
        }
        return isGood
    }

    private static func text(_ id: String, _ time: String, _ body: [UInt8]) -> [UInt8] {
        Array("\(id).\(time).".utf8) + body
    }

    /// The value of a header that came once; one that came twice may be read in two ways.
    private static func only(
        _ name: String,
        in headers: [(name: String, value: String)]
    ) -> String? {
        let values = headers.filter { $0.name.lowercased() == name }
        return values.count == 1 ? values[0].value : nil
    }
}
