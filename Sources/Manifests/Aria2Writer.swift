// SPDX-License-Identifier: Apache-2.0

import Jobs

/// An input file of aria2: a URL, and beneath it, indented, where it goes and what proves it.
///
/// aria2 knows no escapes here and cuts spaces off both ends of a value; `SafeNames` leaves neither
/// line ends nor such spaces in a name.
struct Aria2Writer: FormatWriter {
    private var names: SafeNames

    init(names: SafeNames) { self.names = names }

    mutating func append(_ entry: ManifestEntry, line: ArraySlice<UInt8>, to out: inout [UInt8]) {
        guard let name = names.name(for: entry) else { return }
        out.append(contentsOf: entry.url.reveal())
        out.append(text: "\n  out=")
        out.append(contentsOf: name)
        out.append(text: "\n  checksum=sha-256=")
        out.appendHex(entry.sha256)
        out.append(UInt8(ascii: "\n"))
    }
}
