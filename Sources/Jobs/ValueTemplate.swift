// SPDX-License-Identifier: Apache-2.0

/// How the value of a tag or of metadata is made: text, with the placeholders of a key.
///
/// `{sha256}` is not among them: the digest of a large file is known only once it has been sent.
public struct ValueTemplate: Hashable, Sendable {
    /// The text this template was made from.
    public let text: String
    let pieces: [KeyTemplate.Piece]

    /// Reads a template; it may be plain text, or empty.
    ///
    /// - Throws: `KeyTemplateError`, which says what is wrong.
    public init(_ text: String) throws(KeyTemplateError) {
        self.text = text
        pieces = try KeyTemplate.pieces(of: text)
        guard !pieces.contains(.sha256) else {
            throw KeyTemplateError(
                text: text,
                problem: "has {sha256}, which is not known before the file is sent; the manifest "
                    + "has it"
            )
        }
    }

    private init(text: String, pieces: [KeyTemplate.Piece]) {
        self.text = text
        self.pieces = pieces
    }

    /// The value for a job; a name stands in it as it stands in a key.
    public func value(for job: Job) -> [UInt8] {
        KeyTemplate.fill(
            pieces,
            with: KeyTemplate.Values(
                name: job.file.name,
                id: job.id,
                template: job.template.name,
                host: "",
                queuedAt: job.queuedAt
            )
        )
    }

    /// The same with a machine's name in place of `{host}`.
    func filling(host: String) -> ValueTemplate {
        guard pieces.contains(.host) else { return self }
        return ValueTemplate(
            text: text.replacing("{host}", with: host),
            pieces: pieces.map { $0 == .host ? .text(Array(host.utf8)) : $0 }
        )
    }
}

extension ValueTemplate: Codable {
    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }
}
