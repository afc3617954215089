// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control
import Daemon
import Glibc
import Jobs
import Settings

/// `presignd links`: the links there are.
struct LinksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "links",
        abstract: "Show links, newest first; --url NAME prints just the newest one of a file.",
        discussion: """
            presignd links --url report.pdf     prints one URL and nothing else
            presignd links --url report.pdf --qr    and a QR code of it, for a telephone
            presignd links --json               one JSON object per line
            presignd links --pages              the links to manifests that are published
            presignd links --expiring-in 24h    what ends soon
            presignd links --format html        every link that works, as a page; also json, jsonl, \
            urls, aria2, metalink, csv, sha256sums
            presignd links --sign ID --expires-in 1h    a fresh URL, which nothing remembers

            The list and --json have the newest link of each file. A link of an older content may \
            work still: --format jsonl has it, with its id.
            """
    )

    private static let usualLimit = 100

    @OptionGroup var common: CommonOptions

    @Option(help: "Print just the URL of the newest link of the file with this name or path.")
    var url: String?

    @Option(help: "Only links of this template.")
    var template: String?

    @Option(help: "Only links that are live, expired, or all (default: all; live for --format).")
    var state: LinkStateName?

    @Option(help: "Only links that work now and end within this time: 90s, 24h, 7d.")
    var expiringIn: String?

    @Option(help: "Only files whose path matches, as in .gitignore: '*.pdf', 'reports/**'.")
    var match: String?

    @Option(help: "At most this many (default: 100; all for --format).")
    var limit: Int?

    @Flag(help: "One JSON object per line.")
    var json = false

    @Option(
        help: """
            Print every link in this form: jsonl, json, urls, aria2, metalink, csv, sha256sums or html.
            """,
        transform: { text in
            guard let format = ManifestFormat(rawValue: text) else {
                let known = ManifestFormat.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("\"\(text)\" is no form of links; write one of: \(known)")
            }
            return format
        }
    )
    var format: ManifestFormat?

    @Option(help: "Make a URL anew for the link with this id.")
    var sign: String?

    @Option(help: "With --sign, how long it works: 90s, 24h, 7d (default: as the template says).")
    var expiresIn: String?

    @Flag(help: "Draw a QR code of each URL below it (with the program qrencode).")
    var qr = false

    @Flag(help: "Show the link to each manifest that is published (`publish_to:` of a sink).")
    var pages = false

    func validate() throws {
        let isPicked = [url, template, expiringIn, match, sign].contains { $0 != nil }
        if pages, isPicked || state != nil || limit != nil || format != nil {
            throw ValidationError(
                "--pages shows the published manifests; it goes with --json and --qr"
            )
        }
        if qr, json || format != nil {
            throw ValidationError("--qr is for people: it goes with neither --json nor --format")
        }
        if format != nil, url != nil || json || sign != nil {
            throw ValidationError("--format goes with neither --url, --json nor --sign")
        }
        if expiresIn != nil, sign == nil { throw ValidationError("--expires-in goes with --sign") }
        if state != nil, expiringIn != nil {
            throw ValidationError("say --state or --expiring-in, not both")
        }
        if let limit, limit < 1 {
            throw ValidationError("--limit must be 1 or more, not \(limit)")
        }
    }

    func run() async throws {
        if pages {
            let pages = PublishedPage.all(of: try common.load())
            return try PagesView(pages: pages).show(json: json, draw: draw)
        }
        if let sign { return try await makeAnew(sign) }
        var query = LinkQuery(
            name: url.map { AbsolutePath.nameOrExisting($0).base64 },
            template: template,
            limit: url == nil ? limit ?? Self.usualLimit : 1
        )
        query.state = state?.rawValue
        query.expiringIn = try expiringIn.map { try Self.seconds($0, "--expiring-in") }
        query.match = match
        if let format {
            return try await LinkExport(format: format, query: query, limit: limit).run(common)
        }
        let shown = query.limit
        // One more, to know whether that is all.
        if url == nil, shown < .max { query.limit += 1 }
        let links = try await common.withOperations { [query] in try await $0.links(query) }
        if let url {
            try printNewest(links.first, of: url)
            return
        }
        for link in links.prefix(shown) {
            Terminal.say(json ? try JSONText.line(link) : Self.text(link))
            if let url = link.url, link.isUsable { try draw(url) }
        }
        if links.count > shown {
            Terminal.complain("there are more: --limit N shows more, --format jsonl all that work")
        }
        if links.isEmpty && !json {
            let isWhole = template == nil && state == nil && expiringIn == nil && match == nil
            Terminal.say(
                isWhole ? "There is no link yet; see `presignd jobs`." : "There is no such link."
            )
        }
    }

    private func makeAnew(_ id: String) async throws {
        let query = SignQuery(
            id: id,
            seconds: try expiresIn.map { try Self.seconds($0, "--expires-in") }
        )
        let link = try await common.withOperations { try await $0.sign(query) }
        try show(link)
    }

    /// Prints one URL.
    private func show(_ link: LinkReport) throws {
        guard let text = link.url else { throw Self.unsignable(link) }
        Terminal.say(json ? try JSONText.line(link) : text)
        try draw(text)
    }

    private func draw(_ url: String) throws {
        guard qr else { return }
        Terminal.write(try QRCode.drawn(url), to: STDOUT_FILENO)
    }

    private static func seconds(_ text: String, _ option: String) throws -> Int64 {
        guard let span = QuantityText.lengthOfTime(text), span >= .seconds(1) else {
            throw CommandFailure.usage(
                "\(option) \"\(text)\" is no length of time; write 90s, 24h or 7d"
            )
        }
        return span.seconds
    }

    private func printNewest(_ link: LinkReport?, of name: String) throws {
        guard let link else {
            throw CommandFailure.failed(
                "no file named \"\(name)\" has a link; `presignd why PATH` tells its story"
            )
        }
        if link.isTakenBack {
            let what =
                link.state == .revoking
                ? "is being revoked" : "was \(link.state?.rawValue ?? "ended")"
            throw CommandFailure(
                status: 4,
                description: "the link of \"\(link.path)\" \(what); "
                    + "`presignd upload --again PATH` makes a new one"
            )
        }
        guard !link.expired else {
            throw CommandFailure(
                status: 4,
                description: "the link of \"\(link.path)\" expired at \(link.expiresAt); "
                    + "`presignd upload --again PATH` makes a new one"
            )
        }
        try show(link)
    }

    private static func unsignable(_ link: LinkReport) -> CommandFailure {
        .failed(
            "the link of \"\(link.path)\" cannot be made again: its store or the store's key is "
                + "not in the configuration any more; the manifest still has it"
        )
    }

    static func text(_ link: LinkReport) -> String {
        let revision = link.rev == 1 ? "" : "rev \(link.rev), "
        let end =
            switch link.state {
            case .revoking: "being revoked"
            case .revoked: "revoked"
            case .superseded: "superseded by newer content"
            case .expiring: "expiring, until \(link.expiresAt)"
            case .usable, .expired, nil:
                link.expired ? "expired at \(link.expiresAt)" : "until \(link.expiresAt)"
            }
        let line = "\(link.path)  (\(link.size) bytes, \(revision)\(end))"
        guard !link.isTakenBack else { return line }
        return line + "\n    \(link.url ?? "no key to sign it")"
    }
}

extension LinkReport {
    /// Whether the URL works; an older daemon tells no more than the time.
    fileprivate var isUsable: Bool {
        state.map { $0 == .usable || $0 == .expiring } ?? !expired
    }

    fileprivate var isTakenBack: Bool { state?.isTakenBack ?? false }
}

/// The states a person can ask for.
enum LinkStateName: String, CaseIterable, ExpressibleByArgument {
    case live, expired, all
}
