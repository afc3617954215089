// SPDX-License-Identifier: Apache-2.0

/// A command that ends with a message and a status.
struct CommandFailure: Error, CustomStringConvertible {
    let status: Int32
    let description: String

    /// Something did not work (1).
    static func failed(_ text: String) -> CommandFailure {
        CommandFailure(status: 1, description: text)
    }

    /// The command line asks for something that cannot be (64, as sysexits.h's EX_USAGE).
    static func usage(_ text: String) -> CommandFailure {
        CommandFailure(status: 64, description: text)
    }

    /// Another daemon has the state folder (75, EX_TEMPFAIL).
    static func taken(_ text: String) -> CommandFailure {
        CommandFailure(status: 75, description: text)
    }

    /// The configuration is wrong (78, EX_CONFIG).
    static func configuration(_ text: String) -> CommandFailure {
        CommandFailure(status: 78, description: text)
    }

    /// Ctrl-C or SIGTERM before the command was done (130).
    static let interrupted = CommandFailure(
        status: 130,
        description: "interrupted; what was queued stays queued"
    )

    /// Ctrl-C or SIGTERM while the daemon works on what it was given (130).
    static let leftToDaemon = CommandFailure(
        status: 130,
        description: "interrupted; the daemon goes on with the files that it has: see "
            + "`presignd jobs` and `presignd links`"
    )
}
