// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Metalink 4 (RFC 5854): names, sizes, checksums and URLs as XML.
struct MetalinkWriter: FormatWriter {
    private let now: Timestamp
    private var names: SafeNames

    init(now: Timestamp, names: SafeNames) {
        self.now = now
        self.names = names
    }

    mutating func begin(_ out: inout [UInt8]) {
        out.append(text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        out.append(text: "<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">\n")
        out.append(text: "<generator>presignd</generator>\n<published>")
        now.appendRFC3339(to: &out)
        out.append(text: "</published>\n")
    }

    mutating func append(_ entry: ManifestEntry, line: ArraySlice<UInt8>, to out: inout [UInt8]) {
        guard let name = names.name(for: entry) else { return }
        out.append(text: "<file name=\"")
        out.appendMarkup(name)
        out.append(text: "\">\n<size>")
        out.appendDecimal(Int(entry.size))
        out.append(text: "</size>\n<hash type=\"sha-256\">")
        out.appendHex(entry.sha256)
        out.append(text: "</hash>\n<url>")
        out.appendMarkup(entry.url.reveal())
        out.append(text: "</url>\n</file>\n")
    }

    mutating func end(_ out: inout [UInt8]) {
        out.append(text: "</metalink>\n")
    }
}
