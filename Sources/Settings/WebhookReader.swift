// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads a sink of the kind `webhook`.
///
/// No value that may be a secret is shown in a report.
struct WebhookReader {
    static let keys = [
        "kind", "url", "url_file", "secret_file", "mode", "body", "content_type", "method",
        "headers", "header_files", "allow_private", "ca_file", "timeout", "events",
    ]

    private enum Mode: String, CaseIterable { case standard, cloudevents, template }

    let section: Section
    let folder: String

    func read() -> WebhookSettings? {
        section.check(known: Self.keys)
        let allowsPrivate = section.boolean("allow_private") ?? false
        guard let address = readAddress(allowsPrivate) else { return nil }
        var settings = WebhookSettings(address: address, allowsPrivate: allowsPrivate)
        settings.secretFile = section.path("secret_file", in: folder)
        settings.caFile = section.path("ca_file", in: folder)
        if let limit = section.read("timeout", QuantityText.timeLimit) {
            settings.timeLimit = limit
        }
        settings.method = section.choice("method", WebhookSettings.Method.self) ?? .post
        settings.headers = headers("headers").filter(checkPlain)
        settings.headerFiles = headers("header_files").compactMap { header in
            do throws(ValueProblem) {
                let path = try PathText.absolute(header.value, in: folder)
                return WebhookSettings.Header(name: header.name, value: path)
            } catch {
                section.findings.report(section.place("header_files"), error)
                return nil
            }
        }
        settings.body = readBody()
        if settings.secretFile == nil, settings.body == .standard {
            section.findings.warn(
                section.place,
                "is not signed, so its receiver cannot tell who sent it",
                cure: "add secret_file: FILE with a key: "
                    + "(umask 077; echo whsec_$(openssl rand -base64 32) > FILE)"
            )
        }
        return settings
    }

    private func readAddress(_ allowsPrivate: Bool) -> WebhookSettings.Address? {
        if section.has("url"), section.has("url_file") {
            section.report("url_file", "stands beside url", cure: "keep one of them")
        }
        if section.has("url_file") {
            return section.path("url_file", in: folder).map { .file($0) }
        }
        if !section.has("url") {
            section.require("url", cure: "write url: \"https://…\", or url_file: FILE")
        }
        let url: WebhookURL? = section.read("url") { text throws(ValueProblem) in
            do throws(WebhookURLError) {
                return try WebhookURL(text)
            } catch {
                throw ValueProblem(error.problem, cure: "write url: \"https://HOST/PATH\"")
            }
        }
        if let url, !url.isSecure, !allowsPrivate {
            section.report(
                "url",
                "is not https, and links would be sent in plain text",
                cure: "write https://, or allow_private: true if it is on this machine or in a "
                    + "private network"
            )
        }
        return url.map { .url($0) }
    }

    private func readBody() -> WebhookSettings.Body {
        let mode =
            section.choice("mode", Mode.self) ?? (section.has("body") ? .template : .standard)
        guard mode == .template else {
            for key in ["body", "content_type"] where section.has(key) {
                section.report(key, "is for mode: template alone", cure: "write mode: template")
            }
            return mode == .standard ? .standard : .cloudEvents
        }
        if !section.has("body") {
            section.require("body", cure: "write body: '{\"text\":\"{summary}\"}'")
        }
        let type = section.text("content_type") ?? "application/json"
        guard let escaping = BodyTemplate.Escaping(contentType: type),
            type.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f })
        else {
            section.report(
                "content_type",
                "\"\(type)\" is not one that values can be put into safely",
                cure: "write application/json (or …+json), text/plain, text/markdown or "
                    + "application/x-www-form-urlencoded"
            )
            return .standard
        }
        let template: BodyTemplate? = section.read("body") { text throws(ValueProblem) in
            do throws(BodyTemplateError) {
                return try BodyTemplate(text)
            } catch {
                let known = BodyTemplate.Field.allCases.map(\.rawValue)
                throw ValueProblem(
                    "\(error)",
                    cure: Spelling.hint(for: error.unknown, among: known) + "write one of these"
                )
            }
        }
        guard let template else { return .standard }
        if escaping == .json, !template.isJSON {
            section.report(
                "body",
                "is not JSON once its placeholders are filled",
                cure:
                    "put each placeholder of text between quotes, and quote the whole with '…' or |"
            )
        }
        return .template(template, contentType: type, escaping: escaping)
    }

    /// The headers beneath a key.
    private func headers(_ key: String) -> [WebhookSettings.Header] {
        guard let headers = section.section(key) else { return [] }
        let own = [
            "host", "content-length", "content-type", "transfer-encoding", "connection", "expect",
            "webhook-id", "webhook-timestamp", "webhook-signature",
        ]
        return headers.entries.compactMap { entry in
            let isName =
                !entry.name.isEmpty
                && entry.name.utf8.allSatisfy { byte in
                    byte.isASCIIDigit || "!#$%&'*+-.^_`|~".utf8.contains(byte)
                        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                }
            guard isName, !own.contains(entry.name.lowercased()) else {
                headers.report(
                    entry.name,
                    "is not a header that can be set here",
                    cure: "remove it (for Content-Type there is content_type:)"
                )
                return nil
            }
            return headers.read(entry.name) { text throws(ValueProblem) in
                guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) else {
                    throw ValueProblem("has characters that no header has", cure: "write ASCII")
                }
                return WebhookSettings.Header(name: entry.name, value: text)
            }
        }
    }

    /// Whether a header may stand in this file; one that is for a secret may not.
    private func checkPlain(_ header: WebhookSettings.Header) -> Bool {
        let name = header.name.lowercased()
        let words = ["auth", "cookie", "token", "secret", "password", "key"]
        guard words.contains(where: name.contains) else { return true }
        section.report(
            "headers",
            "\(header.name) is for a secret, and secrets never stand in this file",
            cure:
                "write the value into a file of mode 0600, and header_files: { \(header.name): FILE }"
        )
        return false
    }
}
