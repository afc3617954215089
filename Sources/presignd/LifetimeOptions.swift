// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Jobs
import Settings

/// From when until when a URL works.
struct LifetimeOptions: ParsableArguments {
    @Option(help: "How long the URL works: 300, 5m, 24h, 7d (default: 1h).")
    var expiresIn: String?

    @Option(help: "When the URL ends: 2026-12-01T18:00:00Z, or with an offset such as +01:00.")
    var expiresAt: String?

    @Option(help: "When the URL begins to work (Azure, CloudFront): a time as --expires-at.")
    var notBefore: String?

    func validate() throws {
        if expiresIn != nil, expiresAt != nil {
            throw ValidationError("say --expires-in or --expires-at, not both")
        }
    }

    /// Seconds from `now` to the end.
    func lifetime(from now: Timestamp) throws -> Int {
        if let expiresAt {
            let end = try Self.moment(expiresAt, "--expires-at")
            guard end > now else {
                throw CommandFailure.usage("--expires-at \(expiresAt) is in the past")
            }
            return Int(end.seconds - now.seconds)
        }
        let text = expiresIn ?? "1h"
        guard let span = QuantityText.lengthOfTime(text), span.nanoseconds % 1_000_000_000 == 0
        else {
            throw CommandFailure.usage(
                "--expires-in \"\(text)\" is no length of time; write 300, 5m, 24h or 7d"
            )
        }
        return Int(span.seconds)
    }

    /// The moment of `--not-before`.
    func start() throws -> Timestamp? {
        try notBefore.map { try Self.moment($0, "--not-before").wholeSecond }
    }

    private static func moment(_ text: String, _ option: String) throws -> Timestamp {
        guard let moment = Timestamp(rfc3339: text) else {
            throw CommandFailure.usage(
                "\(option) \"\(text)\" is no time; write it as 2026-12-01T18:00:00Z"
            )
        }
        return moment
    }
}
