// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control
import Jobs

/// `presignd why`: the story of one file.
struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Tell the story of one file: seen, ignored, settling, queued, waiting, linked.",
        discussion: "Answers \"why has my file no link?\"."
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "The file's path.")
    var path: String

    @Flag(help: "One JSON object per template.")
    var json = false

    func run() async throws {
        let query = StoryQuery(path: AbsolutePath.bytes(of: path).base64)
        let stories = try await common.withOperations { try await $0.story(query) }
        for story in stories {
            Terminal.say(json ? try JSONText.line(story) : Self.text(story))
        }
    }

    static func text(_ story: StoryReport) -> String {
        var lines = ["\(story.path)" + (story.template.map { "  (template \($0))" } ?? "")]
        lines.append("  now: \(story.watcher)")
        for job in story.jobs {
            lines.append("  queued at \(job.queuedAt): \(JobsCommand.text(job))")
        }
        if let link = story.link { lines.append("  link: \(LinksCommand.text(link))") }
        return lines.joined(separator: "\n")
    }
}
