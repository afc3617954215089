// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Writes links in one form: a head, a piece for each link, a foot.
///
/// Bytes come out as links go in: a writer holds no link, but where a form needs names that differ it
/// remembers 32 bytes of each. Whoever calls it gives links that can be used, the newest first.
public protocol FormatWriter: Sendable {
    /// Appends what stands before the first link.
    mutating func begin(_ out: inout [UInt8])

    /// Appends one link.
    ///
    /// - Parameters:
    ///   - entry: The link.
    ///   - line: Its line in the manifest, without the line feed.
    ///   - out: Where it is appended to.
    mutating func append(_ entry: ManifestEntry, line: ArraySlice<UInt8>, to out: inout [UInt8])

    /// Appends what stands after the last link.
    mutating func end(_ out: inout [UInt8])
}

extension FormatWriter {
    /// Nothing stands before the first link.
    public mutating func begin(_ out: inout [UInt8]) {}
    /// Nothing stands after the last link.
    public mutating func end(_ out: inout [UInt8]) {}
}

extension ManifestFormat {
    /// A writer of the page of one folder.
    ///
    /// - Parameters:
    ///   - folder: Its name, which the page has as its title.
    ///   - now: The moment that the page says it was made at.
    /// - Returns: A writer for one page.
    public static func page(of folder: FileName, at now: Timestamp) -> any FormatWriter {
        PageWriter(now: now, title: folder)
    }

    /// A writer of this form.
    ///
    /// - Parameters:
    ///   - now: The moment that the document says it was made at, where it says one.
    ///   - isShared: Whether the links may be of several templates, whose names then stand before
    ///     the paths of their files.
    /// - Returns: A writer for one document.
    public func writer(at now: Timestamp, isShared: Bool) -> any FormatWriter {
        switch self {
        case .jsonl: LineWriter()
        case .json: JSONWriter(now: now)
        case .urls: URLWriter()
        case .aria2: Aria2Writer(names: SafeNames(isShared: isShared))
        case .metalink: MetalinkWriter(now: now, names: SafeNames(isShared: isShared))
        case .csv: CSVWriter()
        case .sha256sums: ChecksumWriter(names: SafeNames(isShared: isShared))
        case .html: PageWriter(now: now)
        }
    }
}
