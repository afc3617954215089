// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Daemon
import Jobs
import Sign

/// `presignd inspect`: what a signed URL says of itself, and whether its signature is right.
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what a signed URL grants, until when, and what is wrong with it.",
        discussion: """
            presignd inspect 'https://…'
            presignd inspect - < url.txt          (keeps the URL out of the list of processes)
            presignd inspect 'https://…' --secret-key-file secret.txt
            presignd inspect 'http://127.0.0.1:9400/local/…' --store local

            Nothing is sent anywhere, and the signature is not shown. Status 1: the signature is \
            wrong, or the URL has expired or is not signed.
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "The URL in quotes, or - to read it from standard input.")
    var url: String

    @Option(
        help: """
            The file with what signed it: the secret access key, Azure's account key, a service \
            account, or a private key in PEM.
            """
    )
    var secretKeyFile: String?

    @Option(help: "The store of the configuration whose key should have signed it.")
    var store: String?

    @Option(
        name: .customLong("header"),
        help: "A signed header of the request, 'name: value'; may be repeated."
    )
    var headers: [String] = []

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        if store != nil, secretKeyFile != nil {
            throw ValidationError("say --store or --secret-key-file, not both")
        }
    }

    func run() async throws {
        let inspected = try read()
        let now = WallClock.now()
        let verdict = try await verdict(on: inspected)
        let report = InspectionReport(inspected, verdict, at: now)
        Terminal.say(json ? try report.json() : report.text)
        let isGood = inspected.scheme != nil && (inspected.expiresAt ?? now) > now
        switch verdict {
        case .wrong?, .wrongKind?, .needsHeaders?: throw ExitCode.failure
        case .right?, nil: if !isGood { throw ExitCode.failure }
        }
    }

    private func read() throws -> InspectedURL {
        var bytes = Array(url.utf8)
        if url == "-" {
            bytes = []
            for lines in StandardInput() {
                if let line = lines.first(where: { !$0.allSatisfy { $0 <= 0x20 } }) {
                    bytes = Array(line)
                    break
                }
            }
        }
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        do {
            return try InspectedURL(bytes)
        } catch {
            throw CommandFailure.usage("\(error)")
        }
    }

    private func verdict(on inspected: InspectedURL) async throws -> SignatureVerdict? {
        let key: VerificationKey
        if let store {
            key = try await PresignTarget.verificationKey(of: store, common)
        } else if let secretKeyFile {
            key = try VerificationKeyFile.read(secretKeyFile, common.environment)
        } else {
            return nil
        }
        return inspected.verdict(key, headers: try headers.map(TermOptions.header))
    }
}
