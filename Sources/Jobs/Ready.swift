// SPDX-License-Identifier: Apache-2.0

/// What tells that a file is whole.
public enum Ready: Hashable, Sendable {
    /// It has been unchanged for the settle time.
    case settle
    /// It was moved into place under its final name; files written in place still settle.
    case rename
    /// Another file, made after it, says so.
    case sidecar(SidecarName)
}

extension Ready: Codable {
    private static let front = "sidecar "

    /// Writes a word.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .settle: try container.encode("settle")
        case .rename: try container.encode("rename")
        case .sidecar(let name): try container.encode(Self.front + name.text)
        }
    }

    /// Reads what `encode` writes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        if text == "settle" {
            self = .settle
        } else if text == "rename" {
            self = .rename
        } else if text.hasPrefix(Self.front),
            let name = try? SidecarName(String(text.dropFirst(Self.front.count)))
        {
            self = .sidecar(name)
        } else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: text)
        }
    }
}
