// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The text of a manifest in one of its forms.
enum ManifestText {
    /// The files of all forms but the first, beside `links.jsonl`, by the form's name.
    static let files = [
        "json": "links.json", "urls": "links.urls.txt", "aria2": "links.aria2.txt",
        "metalink": "links.meta4", "csv": "links.csv", "sha256sums": "SHA256SUMS",
        "html": "index.html",
    ]

    /// The lines in some order, without the moment of writing and the numbers: a file has those of
    /// its sink.
    static func comparable(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map {
            String($0).replacing(/"seq":\d+/, with: "").replacing(
                /"generated_at":"[^"]*"/,
                with: ""
            )
            .replacing(/<published>[^<]*/, with: "").replacing(/^<p>As of .*<\/time>/, with: "")
            .replacing(/},$/, with: "}")
        }.sorted()
    }

    /// What is torn about a form, as a reader sees it who opens it at any moment; nothing when it is
    /// whole.
    static func tear(_ text: String, _ form: String) -> String? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // A file without a link has no line; else the last one has its end.
        let isEnded = text.isEmpty || text.utf8.last == 0x0a
        let isWhole =
            switch form {
            case "json":
                (try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil
            case "html":
                text.lowercased().hasPrefix("<!doctype html>") && text.hasSuffix("</html>\n")
            case "metalink": text.hasPrefix("<?xml") && text.hasSuffix("</metalink>\n")
            case "csv": isEnded && text.count { $0 == "\"" } % 2 == 0
            case "sha256sums":
                isEnded
                    && lines.dropLast().allSatisfy {
                        $0.firstMatch(of: #/^\\?[0-9a-f]{64} /#) != nil
                    }
            case "urls": isEnded && lines.dropLast().allSatisfy { $0.hasPrefix("http") }
            case "aria2":
                isEnded && lines.dropLast().allSatisfy { $0.hasPrefix("http") || $0.hasPrefix(" ") }
            default: false
            }
        return isWhole ? nil : "\(form): …\(text.suffix(80).debugDescription)"
    }
}
