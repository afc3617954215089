// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the reference library of Standard Webhooks (`standardwebhooks` of PyPI) says of requests.
public enum ReferenceWebhooks: Sendable {
    /// A Python that has the library; `TOOLS_WEBHOOKS` names it, as `Tests/Stores/tools.sh` says.
    public static let python = ProcessInfo.processInfo.environment["TOOLS_WEBHOOKS"]

    /// Believes each request as a receiver would at the moment when it was sent; prints how many.
    private static let script = """
        import base64, datetime, json, sys
        import standardwebhooks.webhooks as reference
        hook, moment, count = reference.Webhook(sys.argv[1]), 0, 0
        class Then(datetime.datetime):
            @classmethod
            def now(cls, tz=None): return cls.fromtimestamp(moment, tz)
        reference.datetime = Then
        for line in open(sys.argv[2]):
            request = json.loads(line)
            moment = int(request["headers"]["webhook-timestamp"])
            hook.verify(base64.b64decode(request["body"]), request["headers"])
            count += 1
        print(count)
        """

    private struct Seen: Encodable {
        var headers: [String: String]
        var body: Data
    }

    /// Has the library judge requests.
    ///
    /// - Parameters:
    ///   - requests: The requests, as they came.
    ///   - key: The key that they are signed with, `whsec_…`.
    ///   - file: Where they are written for the library.
    /// - Returns: How many it believes; it stops at the first that it does not. Nothing when it could
    ///   not be asked, or believed none.
    /// - Throws: What keeps Python from being started.
    public static func believed(
        _ requests: [HookServer.Request],
        key: String,
        file: String
    ) throws -> Int? {
        guard let python else { return nil }
        let lines = try requests.map { request in
            let headers = request.headers.map { ($0.name.lowercased(), $0.value) }
            let seen = Seen(
                headers: Dictionary(headers) { first, _ in first },
                body: Data(request.body)
            )
            return String(decoding: try JSONEncoder().encode(seen), as: UTF8.self)
        }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: file))
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: python)
        process.arguments = ["-c", script, key, file]
        process.standardOutput = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Int(String(decoding: said, as: UTF8.self).filter(\.isNumber))
    }
}
