// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A page that a person opens: one table, readable without scripts and without anything else.
///
/// Names come from outside. They stand in the page only as text (`appendMarkup`), shown as `NameText`
/// shows them, each in a direction of its own (`bdi`); a URL is a link only if it is http(s). Should
/// one get through all the same, the page's policy runs no script but its own.
struct PageWriter: FormatWriter {
    private let now: Timestamp
    private let title: [UInt8]
    private var isEmpty = true

    /// A page made at a moment, under a title that may come from outside.
    init(now: Timestamp, title: FileName? = nil) {
        self.now = now
        self.title = Array(title.map { NameText.shown($0.bytes) }?.utf8 ?? "Links".utf8)
    }

    mutating func begin(_ out: inout [UInt8]) {
        out.append(text: PageText.head)
        out.appendMarkup(title)
        out.append(text: PageText.headEnd)
        out.appendMarkup(title)
        out.append(text: "</bdi></h1>\n")
        out.append(text: "<p>As of ")
        appendMoment(now, to: &out)
        out.append(text: PageText.tableStart)
    }

    mutating func append(_ entry: ManifestEntry, line: ArraySlice<UInt8>, to out: inout [UInt8]) {
        isEmpty = false
        let name = NameText.shown(entry.name.bytes).utf8
        let url = entry.url.reveal()
        let isLink = url.starts(with: "https://".utf8) || url.starts(with: "http://".utf8)
        out.append(text: "<tr><td>")
        if isLink {
            out.append(text: "<a rel=\"noreferrer noopener\" href=\"")
            out.appendMarkup(url)
            out.append(text: "\">")
        }
        out.append(text: "<bdi>")
        out.appendMarkup(name)
        out.append(text: isLink ? "</bdi></a></td><td>" : "</bdi></td><td>")
        out.appendMarkup(entry.template.utf8)
        out.append(text: "</td><td data-v=\"")
        out.appendDecimal(Int(entry.size))
        out.append(text: "\">")
        out.append(text: SizeText.short(entry.size))
        out.append(text: "</td><td data-v=\"")
        out.appendDecimal(Int(entry.expiresAt.seconds))
        out.append(text: "\">")
        appendMoment(entry.expiresAt, to: &out)
        out.append(text: "</td></tr>\n")
    }

    mutating func end(_ out: inout [UInt8]) {
        out.append(text: PageText.tableEnd)
        if isEmpty { out.append(text: "<p>There is no link now.</p>\n") }
        out.append(text: PageText.foot)
    }

    /// `<time datetime="2026-11-24T18:00:00Z">2026-11-24 18:00:00 UTC</time>`.
    private func appendMoment(_ moment: Timestamp, to out: inout [UInt8]) {
        let text = moment.rfc3339
        out.append(text: "<time datetime=\"\(text)\">")
        out.append(text: text.dropLast().replacing("T", with: " "))
        out.append(text: " UTC</time>")
    }
}
