// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads what `link:` of a template says of the life of its links.
struct LinkReader {
    static let keys = ["renew_until", "min_lifetime"]
    /// Longer than anybody means, and far from what a moment can hold.
    private static let longest = Span.seconds(100 * 366 * 86_400)

    let section: Section

    func read(into settings: inout LinkSettings) {
        if let renewal = section.read("renew_until", Self.renewal) {
            settings.renewUntil = renewal
            checkRenewal(renewal, settings.expiresIn)
        }
        if let shortest = section.read("min_lifetime", Self.lifetime) {
            settings.minLifetime = shortest
            checkLifetime(shortest, settings.expiresIn)
        }
    }

    private static func renewal(_ text: String) throws(ValueProblem) -> RenewUntil {
        guard text != "forever" else { return .forever }
        guard let span = QuantityText.lengthOfTime(text), span > .zero else {
            throw ValueProblem(
                "\"\(text)\" is not a length of time",
                cure:
                    "write for how long after a file came its link is renewed, such as 30d, or forever"
            )
        }
        guard span <= longest else {
            throw ValueProblem("\"\(text)\" is longer than anybody lives", cure: "write forever")
        }
        return .after(span)
    }

    private static func lifetime(_ text: String) throws(ValueProblem) -> Span {
        let span = try QuantityText.span(text)
        guard span >= .seconds(1) else {
            throw ValueProblem("\"\(text)\" is out of range", cure: "write 1s or more")
        }
        return span
    }

    private func checkRenewal(_ renewal: RenewUntil, _ expiresIn: Span) {
        guard case .after(let span) = renewal, span <= expiresIn else { return }
        section.report(
            "renew_until",
            "is not longer than `expires_in`, so no link would ever be renewed",
            cure: "write more than \(expiresIn.seconds)s, such as 30d, or remove the line"
        )
    }

    private func checkLifetime(_ shortest: Span, _ expiresIn: Span) {
        guard shortest > expiresIn else { return }
        section.report(
            "min_lifetime",
            "is longer than `expires_in`, so no link would ever do",
            cure: "write \(expiresIn.seconds)s or less"
        )
    }
}
