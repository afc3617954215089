// SPDX-License-Identifier: Apache-2.0

public import Jobs

extension InspectedURL {
    /// What a person should know about the URL at a moment, most important first.
    public func warnings(at now: Timestamp) -> [String] {
        guard let scheme else { return ["the URL is not signed in any way that presignd knows"] }
        var warnings = problems
        if let expiresAt, expiresAt <= now {
            warnings.append("it has expired")
        } else if let notBefore, notBefore > now {
            warnings.append("it does not work yet")
        } else if let issuedAt, issuedAt > now + SignatureCheck.longestSkew {
            warnings.append("it is dated in the future: stores refuse it, or a clock is wrong")
        }
        if let lifetime {
            let longest = scheme.longestLifetime ?? .max
            if lifetime > longest {
                warnings.append("it asks for \(lifetime) s, stores accept at most \(longest) s")
            } else if lifetime < 1 {
                warnings.append("its lifetime is not even a second")
            }
        }
        if !endpoint.isSecure, !endpoint.isLoopback {
            warnings.append("it is plain http: anyone on the way can read it and use it")
        }
        if isTemporary {
            warnings.append(
                "temporary credentials signed it: it ends with them, which may be sooner than it says"
            )
        }
        if let resource, !matches(resource) {
            warnings.append("the URL does not match the resource that its policy grants")
        }
        if let permissions, permissions.contains(where: { !"r".contains($0) }) {
            warnings.append("it allows more than reading: \(Self.words(of: permissions))")
        }
        return warnings
    }

    /// Whether the URL, without the parameters of the signature, is one that the policy grants.
    private func matches(_ resource: String) -> Bool {
        CloudFrontCondition.matches(unsignedURL, pattern: Array(resource.utf8))
    }

    /// Azure's letters as words ("Permissions for a directory, container, or blob", Create a
    /// service SAS).
    private static func words(of permissions: String) -> String {
        let known: [Character: String] = [
            "r": "read", "a": "add", "c": "create", "w": "write", "d": "delete", "l": "list",
            "x": "delete version", "t": "tags", "m": "move", "e": "execute", "f": "filter",
            "i": "set immutability policy", "y": "permanent delete", "o": "ownership",
            "p": "permissions",
        ]
        return permissions.map { known[$0] ?? NameText.shown(Array(String($0).utf8)) }
            .joined(separator: ", ")
    }
}
