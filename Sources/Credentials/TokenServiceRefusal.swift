// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What STS says when it gives no key, and what to do about it.
struct TokenServiceRefusal: Sendable {
    private let code: String
    private let message: String

    init(_ texts: AnswerText, status: Int) {
        code =
            texts["Code"].flatMap { $0.isKeyText && $0.utf8.count <= 64 ? $0 : nil }
            ?? "status \(status)"
        message = texts["Message"] ?? ""
    }

    /// The error; none of the secrets is in it.
    func error(
        source: String,
        _ role: Role,
        _ place: TokenServicePlace,
        hiding secrets: [String]
    ) -> CredentialError {
        let words = shown(secrets)
        return .refused(
            source: source,
            reason: "STS says \(code)" + (words.isEmpty ? "" : ": \(words)"),
            cure: cure(role, place)
        )
    }

    private func cure(_ role: Role, _ place: TokenServicePlace) -> String {
        switch code {
        case "AccessDenied", "AccessDeniedException":
            "allow sts:AssumeRole on it to whoever takes it on, name them in its trust policy (with "
                + "the external_id, if that asks for one), and see that their key is right"
        case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
            "renew what the role is taken on with, and look at this machine's clock"
        case "RegionDisabledException":
            "activate STS in region \(place.region), or set another region, or "
                + "sts_regional_endpoints = legacy"
        case "InvalidIdentityToken", "IDPRejectedClaim":
            "renew the token, and see that the identity provider is known to the account"
        case "InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch",
            "IncompleteSignature":
            "mend the key that the role is taken on with, and look at this machine's clock"
        case "ValidationError":
            "mend the role's settings in \(role.place)"
        case "NoSuchEntity", "NoSuchRole", "NoSuchKey":
            "see that there is such a role"
        default:
            "see that the role's settings in \(role.place) are right, and that it is STS that "
                + "answers there"
        }
    }

    /// The message as far as it may be seen.
    ///
    /// A text about a signature repeats the whole request, the session token in it; and others
    /// repeat the value they do not like.
    private func shown(_ secrets: [String]) -> String {
        guard !code.contains("Signature"),
            !secrets.contains(where: { !$0.isEmpty && message.contains($0) })
        else { return "" }
        let words = message.split(whereSeparator: \.isWhitespace).map { word in
            word.utf8.count > 200 ? "…" : String(word)
        }
        let text = words.joined(separator: " ").prefix(400)
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: false
                    default: true
                    }
                }
            )
        )
    }
}
