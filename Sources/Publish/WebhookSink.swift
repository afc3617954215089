// SPDX-License-Identifier: Apache-2.0

import HTTP
public import Jobs

/// Tells an HTTP endpoint of events, one request each, signed as Standard Webhooks has it.
///
/// Secrets are read from their files for each event, so a key can be replaced at any time. Where the
/// request goes is held against the address it connects to, and no redirect is followed.
public struct WebhookSink: PushSink {
    private let name: String
    private let settings: WebhookSettings
    private let http: HTTPClient

    /// Makes a sink; nothing is read or sent yet.
    init(name: String, settings: WebhookSettings, http: HTTPClient) {
        self.name = name
        self.settings = settings
        self.http = http
    }

    /// What is read from files for one request.
    private struct Secrets {
        var url: WebhookURL
        var keys: [WebhookKey]
        var headers: [(name: String, value: String)]

        /// Whether a text has some of it in it.
        func isHinted(at text: String) -> Bool {
            url.isHinted(at: text)
                || headers.contains { header in
                    header.value.split(separator: " ").contains {
                        $0.count >= 6 && text.contains($0)
                    }
                }
        }
    }

    /// Sends one request.
    public func push(_ notice: Notice, at moment: Timestamp) async -> PushOutcome {
        let body = WebhookBody(notice, as: settings.body)
        guard body.bytes.count <= WebhookBody.limit else {
            return .refused(
                Failure(
                    .hold,
                    code: "webhook-size",
                    message: "the webhook \(name) is not told of \(notice): the body has "
                        + "\(body.bytes.count) bytes, and receivers take \(WebhookBody.limit); "
                        + "the file's name or the body's text must be shorter"
                )
            )
        }
        let secrets: Secrets
        do throws(PublishError) {
            secrets = try readSecrets()
        } catch {
            return .refused(error.failure)
        }
        let answer = WebhookAnswer(
            who: "the webhook \(name) (\(secrets.url))",
            isSecret: secrets.isHinted
        )
        do throws(HTTPError) {
            let request = request(notice, body, secrets, at: moment)
            return answer.outcome(of: try await http.send(request), at: moment)
        } catch {
            return answer.outcome(of: error)
        }
    }

    /// Reads every secret once.
    ///
    /// - Throws: `PublishError`, which names the file and the cure.
    func check() throws(PublishError) { _ = try readSecrets() }

    private func request(
        _ notice: Notice,
        _ body: WebhookBody,
        _ secrets: Secrets,
        at moment: Timestamp
    ) -> HTTPRequest {
        var headers = [(name: "content-type", value: body.contentType)]
        headers += settings.headers.map { ($0.name, $0.value) } + secrets.headers
        if secrets.keys.isEmpty {
            // Also who does not verify it can drop what comes twice.
            headers.append((name: "webhook-id", value: "\(notice.id)"))
        } else {
            headers += WebhookSignature.headers(
                id: "\(notice.id)",
                at: moment,
                body: body.bytes,
                keys: secrets.keys
            )
        }
        var request = HTTPRequest(
            method: settings.method.rawValue,
            url: secrets.url.reveal(eventID: notice.id),
            headers: headers,
            body: .bytes(body.bytes),
            answerTimeout: settings.timeLimit.duration,
            caFile: settings.caFile
        )
        request.addresses =
            switch (settings.allowsPrivate, secrets.url.isSecure) {
            case (false, _): .publicOnly
            case (true, true): .publicOrPrivate
            // Anyone on the way could read it.
            case (true, false): .privateOnly
            }
        return request
    }

    private func readSecrets() throws(PublishError) -> Secrets {
        let url = try readURL()
        guard url.isSecure || settings.allowsPrivate else {
            throw PublishError(
                .hold,
                code: "webhook-url",
                message:
                    "the URL of the webhook \(name) is not https; no event is lost; correct it, "
                    + "or write allow_private: true if it is in a private network"
            )
        }
        var headers: [(name: String, value: String)] = []
        for header in settings.headerFiles {
            headers.append((header.name, try PrivateFile(path: header.value).line()))
        }
        return Secrets(url: url, keys: try readKeys(), headers: headers)
    }

    private func readURL() throws(PublishError) -> WebhookURL {
        switch settings.address {
        case .url(let url):
            return url
        case .file(let path):
            let text = try PrivateFile(path: path).line()
            do throws(WebhookURLError) {
                return try WebhookURL(text)
            } catch {
                throw PublishError(
                    .hold,
                    code: "webhook-url",
                    message:
                        "the URL in \(path) \(error.problem); no event is lost; correct it there"
                )
            }
        }
    }

    private func readKeys() throws(PublishError) -> [WebhookKey] {
        guard let path = settings.secretFile else { return [] }
        guard let keys = WebhookKey.keys(in: try PrivateFile(path: path).content()) else {
            throw PublishError(
                .hold,
                code: "sink-secret",
                message:
                    "\(path) does not hold one or two keys of webhooks, a line each; no event is "
                    + "lost; make one by: (umask 077; echo whsec_$(openssl rand -base64 32) > FILE)"
            )
        }
        return keys
    }
}
