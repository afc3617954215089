// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging

/// Writes a log entry as one line to standard error: as text, as JSON, or for the journal.
struct LineLogHandler: LogHandler {
    enum Format: String, CaseIterable {
        /// `2026-11-23T18:00:00Z info: message name=value`
        case text
        /// `{"time":…,"level":…,"message":…,"name":"value"}`
        case json
        /// As text without the time and with a priority in front (sd-daemon(3)).
        case journal
    }

    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    let format: Format
    let now: @Sendable () -> Timestamp

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var values = metadata
        if let more = event.metadata { values.merge(more) { $1 } }
        let fields = values.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        Terminal.write(line(event.level, "\(event.message)", fields).utf8, to: 2)
    }

    private func line(
        _ level: Logger.Level,
        _ message: String,
        _ fields: [(String, String)]
    ) -> String {
        switch format {
        case .text:
            "\(now().rfc3339) \(level): \(plain(message, fields))\n"
        case .journal:
            "<\(Self.priority(level))>\(plain(message, fields))\n"
        case .json:
            "{"
                + ([("time", now().rfc3339), ("level", level.rawValue), ("message", message)]
                + fields)
                .map { "\(Self.quoted($0.0)):\(Self.quoted($0.1))" }.joined(separator: ",")
                + "}\n"
        }
    }

    private func plain(_ message: String, _ fields: [(String, String)]) -> String {
        ([NameText.shown(Array(message.utf8))]
            + fields.map { name, value in
                let isPlain = value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 }
                return isPlain && !value.isEmpty
                    ? "\(name)=\(value)" : "\(name)=\(Self.quoted(value))"
            })
            .joined(separator: " ")
    }

    /// A JSON string, so that a hostile file name cannot forge a second line.
    private static func quoted(_ text: String) -> String {
        var quoted: [UInt8] = []
        quoted.appendJSONString(text)
        return String(decoding: quoted, as: UTF8.self)
    }

    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
