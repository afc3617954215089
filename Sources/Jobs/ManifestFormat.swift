// SPDX-License-Identifier: Apache-2.0

/// A form in which links can be written, by the name it has in `formats:` and `--format`.
public enum ManifestFormat: String, CaseIterable, Hashable, Sendable {
    /// JSON Lines, the primary form of a manifest.
    case jsonl
    /// One JSON document, described by docs/manifest.schema.json.
    case json
    /// A URL a line: `wget -i`.
    case urls
    /// An input file of aria2: `aria2c -i`.
    case aria2
    /// Metalink 4 (RFC 5854): `aria2c -M`.
    case metalink
    /// Comma-separated values (RFC 4180).
    case csv
    /// Checksums: `sha256sum -c`.
    case sha256sums
    /// A page for people.
    case html

    /// The name of the file that is kept in this form beside a manifest.
    ///
    /// - Parameter stem: The manifest's name without `.jsonl`.
    /// - Returns: A name, not a path.
    public func fileName(stem: String) -> String {
        switch self {
        case .jsonl: "\(stem).jsonl"
        case .json: "\(stem).json"
        case .urls: "\(stem).urls.txt"
        // Not `.aria2`: aria2 keeps its own notes of a download under that ending.
        case .aria2: "\(stem).aria2.txt"
        case .metalink: "\(stem).meta4"
        case .csv: "\(stem).csv"
        case .sha256sums: "SHA256SUMS"
        case .html: "index.html"
        }
    }
}
