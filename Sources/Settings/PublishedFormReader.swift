// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads `publish_to:` of a manifest sink.
struct PublishedFormReader {
    let sink: String
    let section: Section

    /// What S3 takes ("Creating object key names", Amazon S3 User Guide).
    private static let longestKey = 1_024

    func read() -> PublishedForm? {
        section.check(known: ["store", "key", "format", "expires_in"])
        section.require("store", cure: "name a store of this file: store: local")
        let format = section.read("format", Self.format) ?? .html
        let usual = "pages/\(sink)/\(format.fileName(stem: sink))"
        let key = section.read("key", Self.key) ?? ObjectKey(usual)
        guard let store = section.text("store") else { return nil }
        var form = PublishedForm(store: store, key: key, format: format)
        if let span = section.read("expires_in", TemplateReader.expiry) { form.expiresIn = span }
        return form
    }

    private static func format(_ text: String) throws(ValueProblem) -> ManifestFormat {
        // The manifest itself is being written to.
        let known = ManifestFormat.allCases.filter { $0 != .jsonl }
        try Words.choice(text, known.map(\.rawValue))
        return ManifestFormat(rawValue: text) ?? .html
    }

    private static func key(_ text: String) throws(ValueProblem) -> ObjectKey {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= longestKey, NameText.isGood(bytes),
            bytes.first != UInt8(ascii: "/"), bytes.last != UInt8(ascii: "/")
        else {
            throw ValueProblem(
                "\"\(text)\" is no key of an object",
                cure: "write it as \"pages/links.html\""
            )
        }
        guard !text.contains("{") else {
            throw ValueProblem(
                "\"\(text)\" has a placeholder, but the page is always the same object",
                cure: "write a plain key, such as \"pages/links.html\""
            )
        }
        return ObjectKey(bytes: bytes)
    }
}
