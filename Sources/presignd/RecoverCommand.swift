// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Daemon
import Jobs

/// `presignd recover`: brings a lost state back.
struct RecoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Bring a lost state folder back from the manifests.",
        discussion: """
            Reads the manifests of all sinks, rotated ones too (links.jsonl.1, links.jsonl-20261124), \
            or the files that are named. Then presignd knows again which contents are published, \
            so that no file is sent a second time; it knows the links, and goes on counting where \
            the manifest ends. What is known already stays; it may be repeated. No daemon may run \
            meanwhile. Files that were on their way are found by the next `presignd run`.

            It does not bring back the keys of an embedded store (state/stores/NAME.credentials): \
            put that file back from a backup. Without it new keys are made, the links that were \
            published stop working, and `presignd links` shows them signed with the new keys.
            """
    )

    @OptionGroup var common: CommonOptions

    @Flag(help: "From the lines of manifests; there is no other way yet.")
    var fromManifest = false

    @Argument(help: "Manifests to read; compressed ones have to be unpacked first.")
    var paths: [String] = []

    func validate() throws {
        guard fromManifest else {
            throw ValidationError("say from what: presignd recover --from-manifest")
        }
    }

    func run() async throws {
        let service = Service(try common.load(), common.surroundings)
        do {
            let files = paths.map { String(decoding: AbsolutePath.bytes(of: $0), as: UTF8.self) }
            let report = try await service.recover(from: files)
            for file in report.files { Terminal.say(Self.text(file)) }
            if report.files.isEmpty { Terminal.say("There is no manifest to read.") }
            for note in report.notes { Terminal.complain("note: \(note)") }
        } catch let error as StateFolderError {
            if case .taken = error { throw CommandFailure.taken("\(error)") }
            throw CommandFailure.failed("\(error)")
        } catch {
            throw CommandFailure.failed("\(error)")
        }
    }

    static func text(_ file: RecoveryReport.File) -> String {
        var text =
            "\(file.path): \(file.lines) lines, \(file.recovered) links that were not known; "
            + "sink \(file.sink) goes on after \(file.last)"
        if file.skipped > 0 { text += "\n  skipped: \(file.skipped) that are no manifest lines" }
        if file.withoutTemplate > 0 {
            text += "\n  skipped: \(file.withoutTemplate) of templates that are not configured"
        }
        return text
    }
}
