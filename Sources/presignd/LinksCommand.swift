// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control
import Jobs

/// `presignd links`: the links there are.
struct LinksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "links",
        abstract: "Show links, newest first; --url NAME prints just the newest one of a file.",
        discussion: """
            presignd links --url report.pdf     prints one URL and nothing else
            presignd links --json               one JSON object per line
            """
    )

    @OptionGroup var common: CommonOptions

    @Option(help: "Print just the URL of the newest link of the file with this name or path.")
    var url: String?

    @Option(help: "Only links of this template.")
    var template: String?

    @Option(help: "At most this many.")
    var limit = 100

    @Flag(help: "One JSON object per line.")
    var json = false

    func run() async throws {
        let query = LinkQuery(
            name: url.map { AbsolutePath.nameOrExisting($0).base64 },
            template: template,
            limit: url == nil ? limit : 1
        )
        let links = try await common.withOperations { try await $0.links(query) }
        if let url {
            try printNewest(links.first, of: url)
            return
        }
        for link in links {
            Terminal.say(json ? try JSONText.line(link) : Self.text(link))
        }
        if links.isEmpty && !json { Terminal.say("There is no link yet; see `presignd jobs`.") }
    }

    private func printNewest(_ link: LinkReport?, of name: String) throws {
        guard let link else {
            throw CommandFailure.failed(
                "no file named \"\(name)\" has a link; `presignd why PATH` tells its story"
            )
        }
        guard !link.expired else {
            throw CommandFailure(
                status: 4,
                description: "the link of \"\(link.path)\" expired at \(link.expiresAt); "
                    + "`presignd upload --again PATH` makes a new one"
            )
        }
        guard let text = link.url else { throw Self.unsignable(link) }
        Terminal.say(json ? try JSONText.line(link) : text)
    }

    private static func unsignable(_ link: LinkReport) -> CommandFailure {
        .failed(
            "the link of \"\(link.path)\" cannot be made again: its store or the store's key is "
                + "not in the configuration any more; the manifest still has it"
        )
    }

    static func text(_ link: LinkReport) -> String {
        let end = link.expired ? "expired at \(link.expiresAt)" : "until \(link.expiresAt)"
        return "\(link.path)  (\(link.size) bytes, \(end))\n    \(link.url ?? "no key to sign it")"
    }
}
