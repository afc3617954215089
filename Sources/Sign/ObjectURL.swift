// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// A plain URL of an object, taken apart so that it can be signed.
public struct ObjectURL: Hashable, Sendable {
    /// Scheme, host and port.
    public let endpoint: Endpoint
    /// The path without its first slash and without escapes.
    public let key: ObjectKey
    /// The parameters, decoded.
    public let query: [QueryItem]

    /// Reads a URL as a person writes or pastes it: escaped, or with spaces and letters as they are.
    ///
    /// - Throws: `InspectionError` when it is none, or its query is no text.
    public init(_ text: String) throws(InspectionError) {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte > 0x20 && byte < 0x7f {
                bytes.append(byte)
            } else {
                bytes.appendPercentEscape(byte)
            }
        }
        let parts = try URLParts(bytes)
        endpoint = parts.endpoint
        key = ObjectKey(bytes: Array(parts.path.dropFirst()))
        var query: [QueryItem] = []
        for (name, value) in parts.query {
            guard let name = String(validating: name, as: UTF8.self),
                let value = String(validating: value, as: UTF8.self)
            else { throw .notASCII }
            query.append(QueryItem(name, value))
        }
        self.query = query
    }
}
