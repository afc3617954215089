// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads how a template's folder is watched.
struct WatchReader {
    static let keys = ["watch_mode", "poll_interval", "rescan_interval", "require_marker"]

    let section: Section

    func read() -> WatchSettings {
        var settings = WatchSettings()
        settings.mode = section.choice("watch_mode", WatchMode.self) ?? settings.mode
        settings.pollInterval = interval("poll_interval", from: 1) ?? settings.pollInterval
        settings.rescanInterval = interval("rescan_interval", from: 60) ?? settings.rescanInterval
        settings.marker = section.read("require_marker", Self.marker)
        return settings
    }

    private func interval(_ key: String, from least: Int64) -> Span? {
        section.read(key) { text throws(ValueProblem) in
            let span = try QuantityText.span(text)
            guard span >= .seconds(least), span <= .seconds(30 * 86_400) else {
                throw ValueProblem(
                    "\"\(text)\" is out of range",
                    cure: "write \(least)s to 30d, or remove it: the default is right for most"
                )
            }
            return span
        }
    }

    private static func marker(_ text: String) throws(ValueProblem) -> String {
        guard !text.isEmpty, text != ".", text != "..", text.utf8.count <= 255,
            !text.utf8.contains(UInt8(ascii: "/")), !text.utf8.contains(0)
        else {
            throw ValueProblem(
                "\"\(text)\" is not the name of a file in the watched folder",
                cure:
                    "name one that is there only while the file system is mounted, such as .mounted"
            )
        }
        return text
    }
}
