// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Jobs
import Sign
import Testing

/// An identity provider (`Tests/Stores/identity.py`), running, with a token in a file.
final class IdentityProvider: Sendable {
    let port: Int
    private let pid: pid_t
    private let folder: URL
    private let thumbprint: String

    var tokenFile: String { folder.appending(path: "token").path }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Stores/identity.py")
        let result = try Program.run("/usr/bin/env", ["python3", script.path, folder.path])
        let words = result.output.split(whereSeparator: \.isWhitespace).map(String.init)
        try #require(words.count == 3, "\(result.errors)")
        port = try #require(Int(words[0]))
        pid = try #require(pid_t(words[1]))
        thumbprint = words[2]
    }

    deinit {
        kill(pid, SIGTERM)
        try? FileManager.default.removeItem(at: folder)
    }

    /// Makes it known to a store, by the call of IAM that RGW understands.
    func register(at store: RealStore) throws {
        let body =
            "Action=CreateOpenIDConnectProvider&Version=2010-05-08&ThumbprintList.member.1="
            + "\(thumbprint)&ClientIDList.member.1=presignd&Url=http%3A%2F%2F127.0.0.1%3A\(port)"
        let type = Header("Content-Type", "application/x-www-form-urlencoded")
        let host = Header("Host", String(store.endpoint.dropFirst("http://".count)))
        let signed = try ServiceSigner(
            region: store.region,
            service: "iam",
            key: AccessKey(id: store.accessKey, secret: Secret(store.secretKey))
        ).sign(
            "POST",
            path: Array("/".utf8),
            headers: [type, host],
            body: Array(body.utf8),
            at: Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        )
        let answer = try Program.curl(
            store.endpoint + "/",
            ["--data-binary", body]
                + ([type] + signed).flatMap { ["-H", "\($0.name): \($0.value)"] }
        )
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }
}
