// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// Stand-ins for clouds (`Tests/Stores/clouds.py`), running, with keys that were made for them.
final class Clouds: Sendable {
    let port: Int
    private let pid: pid_t
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let modulus = try Self.makeKey(folder.appending(path: "key.pem"))
        let settings = [
            "email": "me@p.iam.gserviceaccount.com", "modulus": modulus, "id": "GOOG1E",
            "secret": "hush", "account": "account", "key": "aHVzaA==", "pair": "K2JCJMDEHXQW5F",
        ]
        let file = folder.appending(path: "clouds.json")
        try JSONEncoder().encode(settings).write(to: file)
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Stores/clouds.py")
        let result = try Program.run("/usr/bin/env", ["python3", script.path, file.path])
        let words = result.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        try #require(words.count == 2, "\(result.errors)")
        port = words[0]
        pid = pid_t(words[1])
    }

    deinit {
        kill(pid, SIGTERM)
        try? FileManager.default.removeItem(at: folder)
    }

    /// Ends them before the test ends.
    func stop() throws {
        kill(pid, SIGKILL)
        // Until its port answers nobody any more.
        let url = "http://127.0.0.1:\(port)/"
        while try Program.curl(url).status != 0 {}
    }

    /// Writes the keys that stores name, each for its owner alone.
    func writeKeys(in sandbox: Sandbox) throws {
        let pem = try String(contentsOf: folder.appending(path: "key.pem"), encoding: .utf8)
        let account = [
            "type": "service_account", "client_email": "me@p.iam.gserviceaccount.com",
            "private_key": pem,
        ]
        let json = String(decoding: try JSONEncoder().encode(account), as: UTF8.self)
        for (name, text) in [
            ("account.json", json), ("key.pem", pem), ("id", "GOOG1E"), ("secret", "hush"),
            ("account-key", "aHVzaA=="),
        ] {
            try sandbox.write("keys/\(name)", text)
            let path = sandbox.folder.appending(path: "keys/\(name)").path
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }
    }

    /// A private key of 2,048 bits in a file; its modulus in hexadecimal.
    private static func makeKey(_ file: URL) throws -> String {
        let openssl = "/usr/bin/openssl"
        let made = try Program.run(openssl, ["genrsa", "-out", file.path, "2048"])
        try #require(made.status == 0, "\(made.errors)")
        let shown = try Program.run(openssl, ["rsa", "-noout", "-modulus", "-in", file.path])
        let text = shown.output.split(whereSeparator: \.isNewline).first ?? ""
        return String(text.drop { $0 != "=" }.dropFirst())
    }
}
