// SPDX-License-Identifier: Apache-2.0

/// What a manifest sink does besides appending lines.
public struct ManifestSettings: Hashable, Sendable {
    /// The forms that are kept beside the manifest; default none.
    public var formats: [ManifestFormat]
    /// The size in bytes from which the manifest is begun anew; nothing for never; default 64 MiB.
    public var rotateAt: Int64?
    /// How many manifests that were begun anew are kept as `.1`, `.2` …; default 8.
    public var keep: Int
    /// Where a form of it is published; default nowhere.
    public var publishTo: PublishedForm?

    /// Makes settings.
    public init(formats: [ManifestFormat] = [], rotateAt: Int64? = 64 << 20, keep: Int = 8) {
        self.formats = formats
        self.rotateAt = rotateAt
        self.keep = keep
    }

    /// The path of the file in a form that is kept beside the manifest at `path`.
    public static func file(_ format: ManifestFormat, beside path: String) -> String {
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let name = path[slash...]
        let ending = ".jsonl"
        // A name that is nothing but the ending has no stem.
        let stem = name.hasSuffix(ending) && name != ending ? name.dropLast(ending.count) : name
        return path[..<slash] + format.fileName(stem: String(stem))
    }

    /// The forms that are kept beside the manifest: those that were asked for, and the published one.
    public var keptForms: [ManifestFormat] {
        guard let form = publishTo?.format, !formats.contains(form) else { return formats }
        return formats + [form]
    }

    /// The file with the link to the published form of the manifest at `path`.
    public static func pageLinkFile(beside path: String) -> String {
        let csv = file(.csv, beside: path)
        return csv.dropLast(".csv".count) + ".page.txt"
    }

    /// Every file that belongs to the manifest at `path`: itself, what is kept beside it, and what
    /// it was before it was begun anew.
    public func files(of path: String) -> [String] {
        [path, path + ".torn", path + ".new"] + (0..<keep).map { "\(path).\($0 + 1)" }
            + replacedFiles(of: path).flatMap { [$0, $0 + ".new"] }
    }

    /// The files beside the manifest that are replaced whole, each written under another name first.
    private func replacedFiles(of path: String) -> [String] {
        keptForms.map { Self.file($0, beside: path) }
            + (publishTo == nil ? [] : [Self.pageLinkFile(beside: path)])
    }
}
