// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What stands before the data of one part of a form.
struct PartHead: Hashable, Sendable {
    /// The name of the field.
    let name: String
    /// The name of the file, as bytes: nobody declares its encoding.
    let fileName: [UInt8]?

    /// Whether this is the part that becomes the object.
    var isFile: Bool { name.lowercased() == "file" }

    /// Reads the header lines of a part, or gives nothing when they are none of a form's.
    init?(_ head: [UInt8]) {
        var disposition: ArraySlice<UInt8>?
        for line in Self.lines(head) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            let value = line[(colon + 1)...]
            switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
            case "content-disposition":
                guard disposition == nil else { return nil }
                disposition = value
            case "content-transfer-encoding":
                // RFC 7578, section 4.7, ends it; another encoding would be stored undecoded.
                let encoding = String(decoding: value, as: UTF8.self).lowercased()[...].trimmed
                guard ["binary", "8bit", "7bit"].contains(encoding) else { return nil }
            default: continue
            }
        }
        guard let disposition, let parameters = Self.parameters(of: disposition),
            let name = parameters["name"]
        else { return nil }
        self.name = String(decoding: name, as: UTF8.self)
        fileName = parameters["filename"]
    }

    /// The lines between line ends; a line break that is half of one belongs to its line.
    private static func lines(_ head: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = head[...]
        while let end = rest.firstRange(of: [0x0d, 0x0a]) {
            lines.append(rest[..<end.lowerBound])
            rest = rest[end.upperBound...]
        }
        return lines + [rest]
    }

    /// The parameters of `form-data; name="…"; filename="…"`, each once.
    private static func parameters(of value: ArraySlice<UInt8>) -> [String: [UInt8]]? {
        var rest = value
        skipSpace(&rest)
        guard String(decoding: token(&rest), as: UTF8.self).lowercased() == "form-data" else {
            return nil
        }
        var parameters: [String: [UInt8]] = [:]
        while true {
            skipSpace(&rest)
            guard let mark = rest.popFirst() else { return parameters }
            guard mark == UInt8(ascii: ";") else { return nil }
            skipSpace(&rest)
            let name = String(decoding: token(&rest), as: UTF8.self).lowercased()
            guard rest.popFirst() == UInt8(ascii: "="), !name.isEmpty else { return nil }
            let value =
                rest.first == UInt8(ascii: "\"") ? quoted(&rest) : Array(token(&rest))
            guard let value, parameters.updateValue(value, forKey: name) == nil else { return nil }
        }
    }

    /// Reads a quoted text.
    ///
    /// `\"` is a quote (older browsers and curl write it), any other backslash itself (others sent
    /// whole Windows paths). `%22` stays as it is: S3 does not decode it.
    private static func quoted(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        rest.removeFirst()
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return text }
            if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "\"") {
                rest.removeFirst()
                text.append(UInt8(ascii: "\""))
            } else {
                text.append(byte)
            }
        }
        return nil
    }

    private static func token(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let token = rest.prefix { !" \t;=\"".utf8.contains($0) }
        rest = rest.dropFirst(token.count)
        return token
    }

    private static func skipSpace(_ rest: inout ArraySlice<UInt8>) {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
    }
}
