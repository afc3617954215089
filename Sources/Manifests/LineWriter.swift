// SPDX-License-Identifier: Apache-2.0

import Jobs

/// JSON Lines: each line as it is in the manifest.
struct LineWriter: FormatWriter {
    mutating func append(_ entry: ManifestEntry, line: ArraySlice<UInt8>, to out: inout [UInt8]) {
        out.append(contentsOf: line)
        out.append(UInt8(ascii: "\n"))
    }
}
