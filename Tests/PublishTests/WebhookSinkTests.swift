// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import HTTP
import Jobs
import Loopback
import Synchronization
import Testing

@testable import Publish

@Suite("A webhook")
final class WebhookSinkTests {
    private let folder: TemporaryFolder
    private let http = HTTPClient()
    private let now = Timestamp(seconds: 1_795_456_900)
    private let key = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="

    init() throws { folder = try TemporaryFolder() }

    /// A file that only we can read.
    private func secret(
        _ text: String,
        _ name: String = "secret",
        mode: mode_t = 0o600
    ) throws -> String {
        try folder.write(text, to: name)
        try #require(unsafe chmod(folder[name], mode) == 0)
        return folder[name]
    }

    private func settings(_ url: String) throws -> WebhookSettings {
        WebhookSettings(address: .url(try WebhookURL(url)), allowsPrivate: true)
    }

    private func sink(_ settings: WebhookSettings) -> WebhookSink {
        WebhookSink(name: "hook", settings: settings, http: http)
    }

    private func message(_ outcome: PushOutcome) -> String {
        switch outcome {
        case .delivered: "delivered"
        case .retry(let failure, _), .gone(let failure), .refused(let failure): "\(failure)"
        }
    }

    @Test("is sent with its signature; every attempt has the same id and body and its own time")
    func signed() async throws {
        let server = HookServer { request in
            HookServer.Reply(
                status: request.header("webhook-timestamp") == "1795456900" ? 503 : 204
            )
        }
        var settings = try settings("\(server.url)/in/x?k=1")
        settings.secretFile = try secret(key + "\n")
        settings.headers = [.init(name: "X-Source", value: "nas 1")]
        let notice = try notice()
        let first = await sink(settings).push(notice, at: now)
        guard case .retry(_, after: nil) = first else { throw failed(first) }
        #expect(await sink(settings).push(notice, at: now + .seconds(5)) == .delivered)
        let requests = server.requests
        #expect(requests.count == 2)
        let webhookKey = try #require(WebhookKey(key))
        for (request, moment) in zip(requests, [now, now + .seconds(5)]) {
            #expect(request.method == "POST" && request.target == "/in/x?k=1")
            #expect(request.header("webhook-id") == "\(notice.id)")
            #expect(request.header("webhook-timestamp") == "\(moment.seconds)")
            #expect(request.header("content-type") == "application/json")
            #expect(request.header("x-source") == "nas 1")
            #expect(request.body == requests[0].body)
            #expect(
                WebhookSignature.isGood(
                    headers: request.headers,
                    body: request.body,
                    keys: [webhookKey],
                    at: moment
                )
            )
        }
    }

    private func failed(_ outcome: PushOutcome) -> Failure {
        Failure(.giveUp, code: "test", message: message(outcome))
    }

    @Test("may be a PUT under a URL of its own for each event, with a header from a file")
    func matrix() async throws {
        let server = HookServer { _ in HookServer.Reply() }
        var settings = try settings("\(server.url)/send/m.room.message/{event_id}")
        settings.method = .put
        settings.headerFiles = [
            .init(name: "Authorization", value: try secret("Bearer syt_tick\n", "token"))
        ]
        settings.body = .template(
            try BodyTemplate("{path}: {url}"),
            contentType: "text/plain",
            escaping: .plain
        )
        let notice = try notice()
        #expect(await sink(settings).push(notice, at: now) == .delivered)
        let request = try #require(server.requests.first)
        #expect(request.method == "PUT")
        #expect(request.target == "/send/m.room.message/\(notice.id)")
        #expect(request.header("authorization") == "Bearer syt_tick")
        #expect(request.header("webhook-signature") == nil)
        #expect(request.body.starts(with: "reports/a b.pdf: http".utf8))
    }

    @Test("is told by 2xx alone; 410 is the end, and everything else comes again")
    func answers() async throws {
        let status = Mutex((200, [String]()))
        let elsewhere = HookServer { _ in HookServer.Reply() }
        let server = HookServer { _ in
            let (status, headers) = status.withLock { $0 }
            return HookServer.Reply(status: status, headers: headers)
        }
        let sink = sink(try settings(server.url))
        let notice = try notice()
        let cases: [(Int, [String], Span?)] = [
            (301, ["Location: \(elsewhere.url)/"], nil), (302, [], nil), (307, [], nil),
            (308, ["Location: /x"], nil), (400, [], nil), (401, [], nil), (403, [], nil),
            (404, [], nil), (409, [], nil), (413, [], nil),
            (429, ["Retry-After: 120"], .seconds(120)),
            (500, [], nil), (502, [], nil), (503, ["Retry-After: 0"], .zero),
            (503, ["Retry-After: Mon, 23 Nov 2026 18:02:40 GMT"], .seconds(60)),
            (503, ["Retry-After: Sun, 06 Nov 1994 08:49:37 GMT"], .zero),
            (503, ["Retry-After: 99999999999999999999"], .seconds(86_400)),
            (503, ["Retry-After: -5"], nil), (503, ["Retry-After: soon"], nil), (504, [], nil),
            (304, [], nil),
        ]
        for (number, headers, wait) in cases {
            status.withLock { $0 = (number, headers) }
            let outcome = await sink.push(notice, at: now)
            guard case .retry(let failure, wait) = outcome else { throw failed(outcome) }
            #expect(failure.message.contains("\(number)"))
        }
        for number in [200, 201, 202, 204, 299] {
            status.withLock { $0 = (number, []) }
            #expect(await sink.push(notice, at: now) == .delivered)
        }
        status.withLock { $0 = (410, []) }
        guard case .gone(let failure) = await sink.push(notice, at: now) else {
            throw failed(.delivered)
        }
        #expect(failure.code == "webhook-gone")
        #expect(elsewhere.connections == 0)
    }

    @Test("says why it failed, and nothing of its URL, its headers or what was sent")
    func discreet() async throws {
        let body = Mutex("")
        let server = HookServer { request in
            let text = body.withLock { $0 }
            return HookServer.Reply(
                status: 400,
                body: text == "echo" ? String(decoding: request.body, as: UTF8.self) : text
            )
        }
        let path = "/services/T0/B0/hushhush"
        var settings = try settings(server.url + path + "?token=hushhush2")
        settings.headerFiles = [
            .init(name: "Authorization", value: try secret("Bearer hushhush3", "token"))
        ]
        let notice = try notice()
        for (text, shown) in [
            ("invalid_payload", true), ("no such channel", true), ("echo", false),
            ("hushhush", false), ("bad token hushhush3", false), ("hushhush2", false),
            ("see https://a.example/b", false), (String(repeating: "a", count: 81), false),
            ("\u{1b}[2J", false),
        ] {
            body.withLock { $0 = text }
            let message = message(await sink(settings).push(notice, at: now))
            #expect(message.contains("answered 400"))
            #expect(message.contains("\"\(text)\"") == shown, "\(message)")
            #expect(message.contains("http://127.0.0.1:\(server.port)"))
            for part in ["hush", "services", "Signature", "syt", "\u{1b}"] {
                #expect(!message.contains(part), "\(message)")
            }
        }
        let gone = "http://127.0.0.1:1\(path)"
        let message = message(await sink(try self.settings(gone)).push(notice, at: now))
        #expect(message.contains("webhook-network") && !message.contains("hush"), "\(message)")
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(!dumped.contains("hushhush"))
    }

    @Test("goes to public addresses over https alone, unless it may be private")
    func privateAddresses() async throws {
        let server = HookServer { _ in HookServer.Reply() }
        let notice = try notice()
        for (url, code) in [
            (server.url, "webhook-url"), ("https://127.0.0.1:\(server.port)", "webhook-address"),
            ("https://localhost:\(server.port)/", "webhook-address"),
            ("https://[::1]:\(server.port)/", "webhook-address"),
            ("https://0x7f.1:\(server.port)/", "webhook-address"),
            ("https://169.254.169.254/latest/", "webhook-address"),
        ] {
            var settings = try settings(url)
            settings.allowsPrivate = false
            let outcome = await sink(settings).push(notice, at: now)
            guard case .refused(let failure) = outcome else { throw failed(outcome) }
            #expect(failure.code == code)
        }
        // Link-local is nobody's network: a cloud keeps its keys there. And plain text stays near.
        for url in ["http://169.254.169.254/", "https://169.254.169.254/", "http://1.1.1.1/"] {
            let outcome = await sink(try settings(url)).push(notice, at: now)
            guard case .refused(let failure) = outcome else { throw failed(outcome) }
            #expect(failure.code == "webhook-address")
        }
        #expect(server.connections == 0)
        #expect(await sink(try settings(server.url)).push(notice, at: now) == .delivered)
    }

    @Test("reads its secrets anew each time, and waits for a person where one is not right")
    func secrets() async throws {
        let server = HookServer { _ in HookServer.Reply() }
        let file = folder["secret"]
        var settings = try settings(server.url)
        settings.address = .file(try secret("\(server.url)/first\n", "url"))
        settings.secretFile = file
        let notice = try notice()
        func problem() async throws -> String {
            let outcome = await sink(settings).push(notice, at: now)
            guard case .refused(let failure) = outcome else { throw failed(outcome) }
            return failure.message
        }
        #expect(try await problem().contains("No such file"))
        for (text, mode, expected) in [
            (key, 0o640, "chmod 600"), (key, 0o604, "chmod 600"), ("", 0o600, "it is empty"),
            ("hush", 0o600, "does not hold one or two keys"),
            (String(repeating: "a", count: 20_000), 0o600, "longer than"),
        ] as [(String, mode_t, String)] {
            _ = try secret(text, mode: mode)
            let problem = try await problem()
            #expect(
                problem.contains(expected) && problem.contains(file) && !problem.contains("hush")
            )
        }
        _ = try secret(key)
        #expect(await sink(settings).push(notice, at: now) == .delivered)
        for (url, expected) in [
            ("ftp://hush", "must begin with https"), ("https://a b", "space"),
            ("https://hush@b/", "user name"), ("a\nb", "one line"),
        ] {
            _ = try secret(url, "url")
            let problem = try await problem()
            #expect(problem.contains(expected) && !problem.contains("hush"), "\(problem)")
        }
        _ = try secret("\(server.url)/second", "url")
        let other = [UInt8](repeating: 9, count: 24).base64
        _ = try secret("whsec_\(other)\n\(key)\n")
        #expect(await sink(settings).push(notice, at: now) == .delivered)
        #expect(server.requests.map(\.target) == ["/first", "/second"])
        #expect(server.requests[1].header("webhook-signature")?.split(separator: " ").count == 2)
    }

    @Test("takes no answer of more than 64 KiB, and sends no body of more than 20 kB")
    func limits() async throws {
        let long = String(repeating: "a", count: 65_537)
        let server = HookServer { _ in HookServer.Reply(body: long) }
        let outcome = await sink(try settings(server.url)).push(try notice(), at: now)
        guard case .retry(let failure, _) = outcome else { throw failed(outcome) }
        #expect(failure.code == "webhook-answer")
        let name = FileName(bytes: [UInt8](repeating: 0xff, count: 8_000))
        let second = await sink(try settings(server.url)).push(try notice(name), at: now)
        guard case .refused(let failure) = second else { throw failed(second) }
        #expect(failure.code == "webhook-size")
        #expect(server.requests.count == 1)
    }
}
