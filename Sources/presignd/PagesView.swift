// SPDX-License-Identifier: Apache-2.0

import Daemon
import Jobs
import Sign

/// What `presignd links --pages` prints: the link to each manifest that is published.
struct PagesView {
    private struct Line: Encodable {
        var sink: String
        var store: String
        var key: String
        var expires_at: String?
        var url: String
    }

    let pages: [PublishedPage]

    /// Prints the pages, each with what `draw` adds.
    func show(json: Bool, draw: (String) throws -> Void) throws {
        for page in pages {
            guard let url = page.url else { continue }
            let text = String(decoding: url.reveal(), as: UTF8.self)
            let end = (try? InspectedURL(url.reveal()))?.expiresAt
            guard !json else {
                Terminal.say(try JSONText.line(Self.line(page, text, end)))
                continue
            }
            let isOver = end.map { $0 <= WallClock.now() } ?? false
            let until = end.map { (isOver ? ", ended at " : ", until ") + $0.rfc3339 } ?? ""
            Terminal.say("\(page.sink)  (\(page.form.format.rawValue)\(until))\n    \(text)")
            if !isOver { try draw(text) }
        }
        let missing = pages.filter { $0.url == nil }.map(\.sink)
        guard missing.isEmpty else {
            throw CommandFailure.failed(
                "not published yet: \(missing.joined(separator: ", ")); a running daemon does that, "
                    + "and `presignd status` says what keeps it"
            )
        }
        if pages.isEmpty, !json {
            Terminal.say("No manifest is published; `publish_to:` of its sink does that.")
        }
    }

    private static func line(_ page: PublishedPage, _ url: String, _ end: Timestamp?) -> Line {
        Line(
            sink: page.sink,
            store: page.form.store,
            key: "\(page.form.key)",
            expires_at: end?.rfc3339,
            url: url
        )
    }
}
