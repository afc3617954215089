// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control
import Jobs
import Settings

/// `presignd revoke`: take links back.
struct RevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take links back, and say plainly when an old URL still works.",
        discussion: """
            presignd revoke ID                          deletes the object: the URL serves nothing
            presignd revoke ID --strategy rekey         copies it to a new key, with a new link
            presignd revoke --path reports/a.pdf        every link of a file, or of a folder
            presignd revoke --older-than 30d --dry-run  what that would take back

            A signed URL cannot be called back: it works until it expires, or until its object is \
            gone. So `delete` deletes the object, `rekey` moves it to where the old URL does not \
            lead, and `none` only strikes the link off the lists. The file in the watched folder \
            stays. What is ordered is done, also over crashes.
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "Ids as `presignd links --json` shows them.")
    var ids: [String] = []

    @Option(help: "Links of this file, or of all files in this folder.")
    var path: String?

    @Option(help: "Links that were first made longer ago than this: 24h, 30d.")
    var olderThan: String?

    @Option(help: "Only links of this template.")
    var template: String?

    @Option(help: "delete (the object goes), rekey (it gets another key and link), or none.")
    var strategy: RevokeStrategy = .delete

    @Flag(help: "Say what would be revoked, and do nothing.")
    var dryRun = false

    @Flag(help: "One JSON object per link.")
    var json = false

    func validate() throws {
        guard ids.isEmpty != (path == nil && olderThan == nil) else {
            throw ValidationError("name links by id, or say --path or --older-than")
        }
        // An unset variable of a shell must not mean every link there is.
        if path?.isEmpty == true {
            throw ValidationError("--path is empty; name a file, or a folder")
        }
        if ids.contains("") { throw ValidationError("an id is empty") }
        if !ids.isEmpty, template != nil {
            throw ValidationError("--template goes with --path and --older-than")
        }
    }

    func run() async throws {
        var query = RevokeQuery(
            ids: ids.isEmpty ? nil : ids,
            path: path.map { AbsolutePath.bytes(of: $0).base64 },
            name: path.map { RawArgument.bytes(of: $0).base64 },
            olderThan: try olderThan.map(Self.seconds),
            template: template,
            strategy: strategy.rawValue,
            isDryRun: dryRun
        )
        var count = 0
        var passedOver = 0
        var isUndone = false
        repeat {
            let report = try await page(query, after: count)
            for link in report.links {
                count += 1
                if link.state == .pending || link.state == .refused { isUndone = true }
                try show(link)
            }
            passedOver += report.passedOver ?? 0
            query.after = report.next
        } while query.after != nil
        if count == 0 { try sayNothing(passedOver) }
        if isUndone { throw CommandFailure.failed("not every link is revoked; see above") }
    }

    /// Says that there was nothing to revoke; it is no failure, unless a path may be misspelled.
    private func sayNothing(_ passedOver: Int) throws {
        guard passedOver == 0 else {
            let links = passedOver == 1 ? "1 link is" : "\(passedOver) links are"
            return Terminal.complain(
                "nothing to revoke: \(links) revoked already, or without an object"
            )
        }
        guard let path else {
            return Terminal.complain("nothing to revoke: no link is as old")
        }
        throw CommandFailure.failed(
            "no live link is known of \(path); nothing is revoked; `presignd links` lists them"
        )
    }

    /// Revokes a page of links, after as many as were shown before.
    private func page(_ query: RevokeQuery, after count: Int) async throws -> RevokeReport {
        try await common.withOperations(working: true) { operations in
            do {
                return try await operations.revoke(query)
            } catch let refusal as OperationError where count == 0 {
                throw refusal
            } catch let error where !(error is CancellationError) {
                let above =
                    count == 0
                    ? "links may be ordered to be revoked for good"
                    : "the \(count) link\(count == 1 ? "" : "s") above \(count == 1 ? "is" : "are") "
                        + "ordered for good, and perhaps 200 more"
                throw CommandFailure.failed(
                    "\(error); \(above), and whoever runs next carries it out; "
                        + "run the command again for the rest"
                )
            }
        }
    }

    private static func seconds(_ text: String) throws -> Int64 {
        guard let span = QuantityText.lengthOfTime(text), span >= .seconds(1) else {
            throw CommandFailure.usage(
                "--older-than \"\(text)\" is no length of time; write 90s, 24h or 30d"
            )
        }
        return span.seconds
    }

    private func show(_ link: RevokedLink) throws {
        guard !json else { return Terminal.say(try JSONText.line(link)) }
        Terminal.say("\(link.id)  \(link.path)  \(link.state.rawValue): \(link.sentence)")
        if let url = link.url { Terminal.say(url) }
    }
}

/// How links are revoked.
enum RevokeStrategy: String, CaseIterable, ExpressibleByArgument {
    case delete
    case rekey
    case none
}
