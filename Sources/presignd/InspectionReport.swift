// SPDX-License-Identifier: Apache-2.0

import Jobs
import Sign

/// What `inspect` prints.
struct InspectionReport {
    private let url: InspectedURL
    private let verdict: SignatureVerdict?
    private let now: Timestamp

    init(_ url: InspectedURL, _ verdict: SignatureVerdict?, at now: Timestamp) {
        self.url = url
        self.verdict = verdict
        self.now = now
    }

    /// A line a fact, for people.
    var text: String {
        var lines: [(String, String?)] = [
            ("scheme", url.scheme?.rawValue ?? "not signed"),
            ("method", method),
            ("host", url.endpoint.authority()),
            ("bucket", url.bucket.map { NameText.shown(Array($0.utf8)) }),
            ("key", "\(url.key)"),
            ("signed by", url.keyID.map { NameText.shown(Array($0.utf8)) }),
            ("region", url.region.map { NameText.shown(Array($0.utf8)) }),
            ("headers", url.signedHeaders.isEmpty ? nil : shownHeaders),
            ("allows", url.permissions.map { NameText.shown(Array($0.utf8)) }),
            ("for", url.address.map { NameText.shown(Array($0.utf8)) }),
            ("resource", url.resource.map { NameText.shown(Array($0.utf8)) }),
            ("issued", url.issuedAt?.rfc3339),
            ("not before", url.notBefore?.rfc3339),
            ("expires", expiry),
            ("signature", verdict.map(Self.sentence)),
        ]
        lines += url.warnings(at: now).map { ("warning", $0) }
        lines.append(("url", url.masked))
        return lines.compactMap { name, value in
            value.map { name + String(repeating: " ", count: max(1, 12 - name.count)) + $0 }
        }
        .joined(separator: "\n")
    }

    /// One JSON object, for scripts.
    func json() throws -> String {
        struct Object: Encodable {
            var scheme: String?
            var method: String?
            var host: String
            var bucket: String?
            var key: String
            var key_id: String?
            var region: String?
            var signed_headers: [String]
            var permissions: String?
            var address: String?
            var resource: String?
            var issued_at: String?
            var not_before: String?
            var expires_at: String?
            var seconds_left: Int64?
            var signature: String?
            var warnings: [String]
            var url: String
        }
        return try JSONText.line(
            Object(
                scheme: url.scheme?.rawValue,
                method: method,
                host: url.endpoint.authority(),
                bucket: url.bucket,
                key: "\(url.key)",
                key_id: url.keyID,
                region: url.region,
                signed_headers: url.signedHeaders,
                permissions: url.permissions,
                address: url.address,
                resource: url.resource,
                issued_at: url.issuedAt?.rfc3339,
                not_before: url.notBefore?.rfc3339,
                expires_at: url.expiresAt?.rfc3339,
                seconds_left: url.expiresAt.map { max(0, ($0 - now).seconds) },
                signature: verdict.map(Self.word),
                warnings: url.warnings(at: now),
                url: url.masked
            )
        )
    }

    private var method: String? {
        guard case .right(let method?)? = verdict else { return nil }
        return method.rawValue
    }

    private var shownHeaders: String {
        url.signedHeaders.map { NameText.shown(Array($0.utf8)) }.joined(separator: ", ")
    }

    private var expiry: String? {
        url.expiresAt.map { end in
            let left = (end - now).seconds
            return "\(end.rfc3339) (\(left > 0 ? "in " : "ended ")\(Self.length(abs(left)))"
                + (left > 0 ? ")" : " ago)")
        }
    }

    private static func length(_ seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) days"
        }
    }

    private static func word(_ verdict: SignatureVerdict) -> String {
        switch verdict {
        case .right: "right"
        case .wrong: "wrong"
        case .needsHeaders, .wrongKind: "unknown"
        }
    }

    private static func sentence(_ verdict: SignatureVerdict) -> String {
        switch verdict {
        case .right(let method): "right" + (method.map { ", for \($0.rawValue)" } ?? "")
        case .wrong: "wrong: another key made it, or the URL was changed"
        case .needsHeaders(let names):
            "cannot be told without " + names.map { "--header '\($0): …'" }.joined(separator: " ")
        case .wrongKind(let wanted): "cannot be told with this key; it takes \(wanted)"
        }
    }
}
