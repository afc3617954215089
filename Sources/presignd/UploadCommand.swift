// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control
import Jobs

/// `presignd upload`: files by path, links on standard output.
struct UploadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upload",
        abstract: "Upload files or folders now and print one link per line.",
        discussion: """
            A file that has a link already and did not change gets that link printed. The source \
            is never removed, whatever the template says. Beside a running daemon the files \
            become its jobs; without one they are uploaded by this command.
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "Files and folders.")
    var paths: [String]

    @Option(help: "The template that says where to and for how long; needed if there are several.")
    var job: String?

    @Flag(help: "Send files again that have a link already.")
    var again = false

    @Flag(help: "One JSON object per file.")
    var json = false

    func validate() throws {
        guard !paths.isEmpty else { throw ValidationError("name at least one file or folder") }
    }

    func run() async throws {
        let order = UploadOrder(
            paths: paths.map { AbsolutePath.bytes(of: $0).base64 },
            template: job,
            again: again
        )
        let json = json
        let failed = try await common.withOperations(working: true) { operations in
            let ticket = try await operations.upload(order)
            if let note = ticket.note { Terminal.complain(note) }
            var seen = 0
            var failed = 0
            while true {
                let query = ProgressQuery(upload: ticket.upload, after: seen)
                let progress = try await operations.progress(query)
                for result in progress.results {
                    try Self.show(result, json: json)
                    if result.url == nil && !result.isWaiting { failed += 1 }
                }
                seen += progress.results.count
                if progress.isComplete { return failed }
            }
        }
        if failed > 0 {
            throw CommandFailure.failed("\(failed) file\(failed == 1 ? "" : "s") got no link")
        }
    }

    private static func show(_ result: UploadResult, json: Bool) throws {
        if json {
            Terminal.say(try JSONText.line(result))
        } else if let url = result.url {
            Terminal.say(url)
        } else {
            let state = result.isWaiting ? "waits" : "has no link"
            Terminal.complain("\(result.path) \(state): \(result.problem ?? "no reason known")")
        }
    }
}
