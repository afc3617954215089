// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The headers a signature covers, in the form that is signed, and what the body hashes to.
struct CanonicalHeaders: Sendable {
    /// The end of the canonical request.
    ///
    /// A line `name:value` for each header in byte order, an empty line, the names, and the hash.
    let bytes: [UInt8]
    /// The names in lower case and in byte order with `;` between them.
    let names: [UInt8]

    /// Puts headers in form; a name that comes several times becomes one line with commas.
    init(_ headers: [Header], payloadHash: [UInt8] = SignatureDialect.unsignedPayload) {
        var lines: [(name: [UInt8], value: [UInt8])] = []
        lines.reserveCapacity(headers.count)
        for header in headers {
            let name = Self.lowercased(header.name)
            let value = Self.collapsed(header.value)
            if let index = lines.firstIndex(where: { $0.name == name }) {
                lines[index].value.append(UInt8(ascii: ","))
                lines[index].value.append(contentsOf: value)
            } else {
                lines.append((name, value))
            }
        }
        lines.sort { $0.name.lexicographicallyPrecedes($1.name) }
        var names: [UInt8] = []
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        for line in lines {
            if !names.isEmpty { names.append(UInt8(ascii: ";")) }
            names.append(contentsOf: line.name)
            bytes.append(contentsOf: line.name)
            bytes.append(UInt8(ascii: ":"))
            bytes.append(contentsOf: line.value)
            bytes.append(UInt8(ascii: "\n"))
        }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: names)
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: payloadHash)
        self.names = names
        self.bytes = bytes
    }

    /// A name by its bytes with the letters A to Z in lower case.
    static func lowercased(_ name: String) -> [UInt8] {
        var bytes = Array(name.utf8)
        for index in bytes.indices where bytes[index] &- UInt8(ascii: "A") < 26 {
            bytes[index] |= 0x20
        }
        return bytes
    }

    /// A value without white space at its ends and with one space for each run inside, quoted or not.
    static func collapsed(_ value: String) -> [UInt8] {
        let bytes = Array(value.utf8)
        // Most values have nothing to collapse.
        guard bytes.contains(where: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) else {
            return bytes
        }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var isAfterSpace = false
        for byte in bytes {
            if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
                isAfterSpace = true
                continue
            }
            if isAfterSpace && !text.isEmpty { text.append(UInt8(ascii: " ")) }
            isAfterSpace = false
            text.append(byte)
        }
        return text
    }
}
