// SPDX-License-Identifier: Apache-2.0

extension Job {
    /// The codes of the failures that hold a file until a person has looked at it.
    public static let holdCodes: Set<String> = [
        "bad-name", "hard-link", "owner", "secret", "sparse",
    ]

    /// Why the file may not be sent, for what is open now; nothing when it may.
    ///
    /// - Parameter facts: What `fstat` says of the descriptor that is to be sent.
    /// - Returns: A failure that holds the job.
    public func obstacle(_ facts: SourceFacts) -> Failure? {
        template.filter.holds.hold(on: facts).map(failure)
    }

    /// Why the file may not be sent, for what it begins with; nothing when it may.
    ///
    /// - Parameter head: The first bytes of the file, from the descriptor that is to be sent.
    /// - Returns: A failure that holds the job.
    public func obstacle(head: ArraySlice<UInt8>) -> Failure? {
        template.filter.holds.hold(onHead: head).map(failure)
    }

    /// Why a file of this name may not be sent, if it looks like a secret.
    public var secretObstacle: Failure? {
        template.filter.holds.hold(onName: file.name).map(failure)
    }

    private func failure(_ hold: Hold) -> Failure {
        Failure(
            .hold,
            code: hold.code,
            message: "\(file.name) \(hold.what); it was not sent and waits. \(hold.cure), or say "
                + "`\(hold.key)` in template \(template.name) and `presignd retry \(id)`, or send "
                + "this one anyway: `presignd retry --anyway \(id)`."
        )
    }
}
