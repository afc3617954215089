// SPDX-License-Identifier: Apache-2.0

/// Why a file is held, in the words of a sentence that begins with its name.
public struct Hold: Hashable, Sendable {
    /// The code of the failure.
    public var code: String
    /// What is the matter: `has 2 names (hard links), so …`.
    public var what: String
    /// What to do about the file.
    public var cure: String
    /// What a template says that sends such files: `hard_links: allow`.
    public var key: String
}

extension HoldRules {
    /// What holds a file for what `stat` says of it, if anything does.
    public func hold(on facts: SourceFacts) -> Hold? {
        guard !isWaived else { return nil }
        if facts.links > 1, hardLinks == .refuse {
            return Hold(
                code: "hard-link",
                what: "has \(facts.links) names (hard links), so it may be another user's file",
                cure: "Remove the other names or copy the file",
                key: "hard_links: allow"
            )
        }
        if let owners, !owners.contains(facts.owner) {
            return Hold(
                code: "owner",
                what: "belongs to user \(facts.owner), who is not under `owners:`",
                cure: "Have its owner changed",
                key: "owners: any"
            )
        }
        if facts.isMostlyHoles, sparse == .hold {
            return Hold(
                code: "sparse",
                what: "is \(facts.size) bytes long, of which \(facts.stored) are stored: mostly "
                    + "holes, which would be sent as zeros",
                cure: "Pack it",
                key: "sparse: allow"
            )
        }
        return nil
    }

    /// What holds a file for what it begins with, if anything does.
    func hold(onHead head: ArraySlice<UInt8>) -> Hold? {
        guard !isWaived, secrets == .hold, SecretSigns.isPrivateKey(head) else { return nil }
        return Hold(
            code: "secret",
            what: "holds a private key",
            cure: "Remove it",
            key: "secrets: send"
        )
    }

    /// What holds a file for its name, if it looks like a secret's.
    public func hold(onName name: FileName) -> Hold? {
        guard !isWaived, secrets == .hold, let sign = SecretSigns.sign(of: name) else { return nil }
        return Hold(
            code: "secret",
            what: "has a name that keys and passwords have (\(sign))",
            cure: "Remove it",
            key: "secrets: send"
        )
    }
}
