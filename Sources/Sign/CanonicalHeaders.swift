// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The headers a signature covers, in the form that is signed.
struct CanonicalHeaders: Sendable {
    /// `name:value` and a newline each, in byte order of the names in lower case.
    let lines: [UInt8]
    /// The names in that order with `;` between them.
    let names: [UInt8]

    /// Puts headers in form; a name that comes several times becomes one line with commas.
    init(_ headers: [Header]) {
        var values: [[UInt8]: [UInt8]] = [:]
        for header in headers {
            let name = Self.lowercased(header.name)
            let value = Self.collapsed(header.value)
            if let known = values[name] {
                values[name] = known + [UInt8(ascii: ",")] + value
            } else {
                values[name] = value
            }
        }
        let sorted = values.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        names = Array(sorted.map(\.key).joined(separator: [UInt8(ascii: ";")]))
        lines = sorted.reduce(into: []) { lines, header in
            lines.append(contentsOf: header.key)
            lines.append(UInt8(ascii: ":"))
            lines.append(contentsOf: header.value)
            lines.append(UInt8(ascii: "\n"))
        }
    }

    /// A name by its bytes with the letters A to Z in lower case.
    static func lowercased(_ name: String) -> [UInt8] {
        name.utf8.map { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        }
    }

    /// A value without white space at its ends and with one space for each run inside, quoted or not.
    static func collapsed(_ value: String) -> [UInt8] {
        Array(
            value.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
                .joined(separator: [UInt8(ascii: " ")])
        )
    }
}
