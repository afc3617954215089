// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A URL a line, for `wget -i` and `xargs`.
struct URLWriter: FormatWriter {
    mutating func append(_ entry: ManifestEntry, line: ArraySlice<UInt8>, to out: inout [UInt8]) {
        out.append(contentsOf: entry.url.reveal())
        out.append(UInt8(ascii: "\n"))
    }
}
