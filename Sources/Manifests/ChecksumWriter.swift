// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Checksums as `sha256sum -c` reads them: 64 digits, two spaces, the name.
///
/// A name with a backslash is escaped, and a backslash before the digits says so (GNU coreutils,
/// "md5sum invocation"); line ends, the other bytes that need it, are not in a `SafeNames` name.
struct ChecksumWriter: FormatWriter {
    private var names: SafeNames

    init(names: SafeNames) { self.names = names }

    mutating func append(_ entry: ManifestEntry, line: ArraySlice<UInt8>, to out: inout [UInt8]) {
        guard let name = names.name(for: entry) else { return }
        let backslash = UInt8(ascii: "\\")
        if name.contains(backslash) { out.append(backslash) }
        out.appendHex(entry.sha256)
        out.append(text: "  ")
        for byte in name {
            out.append(byte)
            if byte == backslash { out.append(backslash) }
        }
        out.append(UInt8(ascii: "\n"))
    }
}
