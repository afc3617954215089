// SPDX-License-Identifier: Apache-2.0

import Jobs

/// One JSON document with a list of links, each an object as in the manifest.
///
/// The lines are taken as they are: what a later version puts into them is not lost.
struct JSONWriter: FormatWriter {
    private let now: Timestamp
    private var isFirst = true

    init(now: Timestamp) { self.now = now }

    mutating func begin(_ out: inout [UInt8]) {
        out.append(text: "{\"version\":1,\"generated_at\":\"")
        now.appendRFC3339(to: &out)
        out.append(text: "\",\"links\":[")
    }

    mutating func append(_ entry: ManifestEntry, line: ArraySlice<UInt8>, to out: inout [UInt8]) {
        out.append(text: isFirst ? "\n" : ",\n")
        isFirst = false
        out.append(contentsOf: line)
    }

    mutating func end(_ out: inout [UInt8]) {
        out.append(text: "\n]}\n")
    }
}
