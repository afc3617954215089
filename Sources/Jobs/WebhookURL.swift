// SPDX-License-Identifier: Apache-2.0

/// Where a webhook goes; often a secret in itself, so it prints as scheme and host alone.
///
/// `{event_id}` in it stands for the event's id, for receivers that take a request only once under
/// one URL (Matrix).
public struct WebhookURL: Hashable, Sendable {
    private static let placeholder = "{event_id}"

    private let text: String
    /// Whether it is `https`.
    public let isSecure: Bool
    /// Scheme, host and port, which may be shown.
    public let origin: String

    /// Reads a URL; the scheme may be in capitals.
    ///
    /// - Throws: `WebhookURLError`, which shows nothing of the text.
    public init(_ text: String) throws(WebhookURLError) {
        let scheme = text.prefix { $0 != ":" }
        isSecure = scheme.lowercased() == "https"
        guard isSecure || scheme.lowercased() == "http",
            text.dropFirst(scheme.count).hasPrefix("://")
        else { throw WebhookURLError(problem: "must begin with https://") }
        let filled = text.replacing(Self.placeholder, with: "")
        guard
            filled.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !#""<>\^`{|}#"#.utf8.contains($0) })
        else {
            throw WebhookURLError(
                problem: "has a space or a character that must be written as %XX (the only "
                    + "placeholder is {event_id})"
            )
        }
        let rest = text.dropFirst(scheme.count + 3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else {
            throw WebhookURLError(
                problem: "must not have a user name in it; write the file of an Authorization "
                    + "header under header_files:"
            )
        }
        guard let first = authority.first, first != ":", !authority.contains("{") else {
            throw WebhookURLError(problem: "has no host")
        }
        // It brings back what it was given in any other spelling, and checks the port.
        guard let endpoint = try? Endpoint("\(scheme)://\(authority)") else {
            throw WebhookURLError(problem: "has a host or a port that is none")
        }
        origin = "\(isSecure ? "https" : "http")://\(endpoint.authority())"
        self.text = (isSecure ? "https" : "http") + text.dropFirst(scheme.count)
    }

    /// Hands out the bytes; name this only to send the request.
    public func reveal(eventID: UniqueID) -> [UInt8] {
        Array(text.replacing(Self.placeholder, with: "\(eventID)").utf8)
    }

    /// Whether some text has a longer piece of what comes behind the host in it.
    public func isHinted(at shown: String) -> Bool {
        text.dropFirst(origin.count).split { "/?&=".contains($0) }.contains {
            $0.count >= 6 && shown.contains($0)
        }
    }
}

extension WebhookURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Scheme, host and port.
    public var description: String { origin }
    /// The same as `description`.
    public var debugDescription: String { origin }
    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// A text that is no URL of a webhook.
public struct WebhookURLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, as the end of a sentence that begins with "the URL".
    public var problem: String

    /// The whole sentence.
    public var description: String { "the URL \(problem)" }
}
