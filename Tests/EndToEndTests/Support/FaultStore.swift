// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// A store with faults (`Tests/Stores/faults.py`), running.
final class FaultStore: Sendable {
    /// What it tells of itself.
    struct Facts: Decodable {
        /// Requests of the daemon so far, dropped ones too.
        var requests: Int
        /// Answers by status; `200 error` for one that brings bad news.
        var statuses: [String: Int]
        /// The same for each second of its clock.
        var seconds: [String: [String: Int]]
        /// The second that it is.
        var now: Int
        /// Requests by method and host: `PUT localhost:8080`.
        var hosts: [String: Int]
        /// Keys of uploads in parts that nobody ended.
        var uploads: [String]
        /// Size and SHA-256 of each object, by its key.
        var objects: [String: [Value]]

        enum Value: Decodable, Hashable {
            case size(Int)
            case digest(String)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let size = try? container.decode(Int.self) {
                    self = .size(size)
                } else {
                    self = .digest(try container.decode(String.self))
                }
            }
        }
    }

    let port: Int
    private let pid: pid_t

    init() throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Stores/faults.py")
        let result = try Program.run("/usr/bin/env", ["python3", script.path])
        let words = result.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        try #require(words.count == 2, "\(result.errors)")
        port = words[0]
        pid = pid_t(words[1])
    }

    deinit { kill(pid, SIGTERM) }

    /// The YAML of a store, and the keys that it takes.
    func yaml(_ more: String = "") -> String {
        """
        { kind: s3, bucket: b, region: us-east-1, endpoint: "http://127.0.0.1:\(port)", \
        addressing: path, credentials: env\(more) }
        """
    }

    static let keys = ["AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"]

    /// Changes its faults: `slow_down=0.1&drop=0.05`.
    func set(_ faults: String) throws {
        _ = try Program.curl("http://127.0.0.1:\(port)/__faults?\(faults)")
    }

    func facts() throws -> Facts {
        let body = try Program.curl("http://127.0.0.1:\(port)/__facts").body
        return try JSONDecoder().decode(Facts.self, from: body)
    }

    /// Waits until no upload in parts is open.
    func untilQuiet() throws {
        let answer = try Program.curl("http://127.0.0.1:\(port)/__quiet", ["--max-time", "120"])
        let open = try facts().uploads
        try #require(answer.status == 200, "open: \(open)")
    }

    /// Waits until half of some body has arrived and the rest is held back (`hold=1`).
    func untilHeld() throws {
        let answer = try Program.curl("http://127.0.0.1:\(port)/__held", ["--max-time", "60"])
        try #require(answer.status == 200, "no body is held")
    }
}
