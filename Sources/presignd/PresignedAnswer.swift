// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Sign

/// What `presign` prints of one URL.
struct PresignedAnswer {
    let signed: SignedRequest
    let scheme: SignatureScheme
    let issuedAt: Timestamp
    let expiresAt: Timestamp

    private var url: String { String(decoding: signed.url.reveal(), as: UTF8.self) }

    /// One JSON object for scripts.
    func json() throws -> String {
        struct Object: Encodable {
            var url: String
            var method: String
            var headers: [String: String]
            var issued_at: String
            var expires_at: String
            var scheme: String
        }
        return try JSONText.line(
            Object(
                url: url,
                method: signed.method.rawValue,
                headers: Dictionary(
                    signed.headers.map { ($0.name, $0.value) },
                    uniquingKeysWith: { first, _ in first }
                ),
                issued_at: issuedAt.rfc3339,
                expires_at: expiresAt.rfc3339,
                scheme: scheme.rawValue
            )
        )
    }

    /// Prints the URL, and for an upload what else the client has to know.
    ///
    /// Standard output has the URL alone, as `$(presignd presign …)` wants it; the rest goes to
    /// standard error unless a person looks at both.
    func show() {
        Terminal.say(url)
        guard signed.method == .put || !signed.headers.isEmpty else { return }
        let descriptor = isatty(STDOUT_FILENO) == 1 ? STDOUT_FILENO : STDERR_FILENO
        var lines = signed.headers.isEmpty ? [] : ["", "The client must send:"]
        lines += signed.headers.map { "  \($0.name): \($0.value)" }
        lines += ["", curl, ""]
        Terminal.write(lines.joined(separator: "\n").utf8, to: descriptor)
    }

    private var curl: String {
        var words = ["curl", "-sS", "--fail-with-body"]
        switch signed.method {
        case .put: words += ["-T", "FILE"]
        case .head: words.append("-I")
        case .get: words.append("-OJ")
        case .delete, .post: words += ["-X", signed.method.rawValue]
        }
        for header in signed.headers where header.name.lowercased() != "content-length" {
            // curl drops a header without a value unless it ends with a semicolon.
            let isEmpty = header.value.isEmpty
            words += [
                "-H",
                ShellWord.quoted(isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"),
            ]
        }
        words.append(ShellWord.quoted(url))
        return words.joined(separator: " ")
    }
}
