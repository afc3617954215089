// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import HTTP
import Jobs
import Testing

@testable import Publish

private let webhooksPython = ProcessInfo.processInfo.environment["TOOLS_WEBHOOKS"]

/// A receiver made with the reference library of Standard Webhooks, over TLS with its own certificate.
///
/// It needs a Python that has standardwebhooks: `TOOLS_WEBHOOKS` names it, as
/// `Tests/Stores/tools.sh` says; without, the suite is left out.
@Suite(
    "A webhook before the reference library",
    .enabled(if: webhooksPython != nil),
    .timeLimit(.minutes(3))
)
struct ReferenceWebhookTests {
    private static let script = """
        import http.server, json, ssl, sys
        from standardwebhooks.webhooks import Webhook
        folder, key = sys.argv[1:]
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                try:
                    said = Webhook(key).verify(body, dict(self.headers))
                    assert said["type"] == json.loads(body)["type"]
                    status = 204
                except Exception as error:
                    print(repr(error), file=sys.stderr)
                    status = 401
                self.send_response(status)
                self.end_headers()
            def log_message(self, *arguments): pass
        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder + "/cert.pem", folder + "/key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_port, flush=True)
        server.serve_forever()
        """

    @Test("is believed by each of its keys, and not by another; an unknown certificate is refused")
    func believed() async throws {
        let folder = try TemporaryFolder()
        let certificate = Process()
        certificate.executableURL = URL(filePath: "/usr/bin/env")
        certificate.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", "/CN=hook", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", folder["key.pem"], "-out", folder["cert.pem"],
        ]
        certificate.standardError = FileHandle.nullDevice
        try certificate.run()
        certificate.waitUntilExit()
        try #require(certificate.terminationStatus == 0)

        let keys = (1...3).map { "whsec_" + [UInt8](repeating: $0, count: 32).base64 }
        let receiver = Process()
        let output = Pipe()
        receiver.executableURL = URL(filePath: try #require(webhooksPython))
        receiver.arguments = ["-c", Self.script, folder.path, keys[1]]
        receiver.standardOutput = output
        // Nobody waits for the end of the tests' output because of it, and nothing it may have
        // inherited keeps it from its end.
        receiver.standardError = FileHandle.nullDevice
        try receiver.run()
        defer {
            kill(receiver.processIdentifier, SIGKILL)
            receiver.waitUntilExit()
        }
        let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(Int(said.trimmingCharacters(in: .whitespacesAndNewlines)))

        var settings = WebhookSettings(
            address: .url(try WebhookURL("https://127.0.0.1:\(port)/hook")),
            secretFile: folder["secret"],
            allowsPrivate: true,
            caFile: folder["cert.pem"]
        )
        let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        let http = HTTPClient()
        func push(_ lines: [String]) async throws -> PushOutcome {
            try folder.write(lines.joined(separator: "\n") + "\n", to: "secret")
            try #require(unsafe chmod(folder["secret"], 0o600) == 0)
            let sink = WebhookSink(name: "hook", settings: settings, http: http)
            return await sink.push(try notice(FileName("é \u{1f600} \"x\".pdf")), at: now)
        }
        #expect(try await push([keys[1]]) == .delivered)
        #expect(try await push([keys[0], keys[1]]) == .delivered)
        #expect(try await push([keys[1], keys[2]]) == .delivered)
        guard case .retry(let failure, _) = try await push([keys[2]]) else {
            Issue.record("it was believed")
            return
        }
        #expect(failure.message.contains("answered 401"))
        settings.caFile = nil
        guard case .retry(let failure, _) = try await push([keys[1]]) else {
            Issue.record("its certificate was trusted")
            return
        }
        #expect(failure.code == "webhook-tls" && failure.message.contains("ca_file:"))
        await http.shutdown()
    }
}
