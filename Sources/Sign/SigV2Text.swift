// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs

/// The string to sign of AWS Signature Version 2, as signer and checker both make it.
///
/// The scheme signs values of parameters as they are, not encoded: one that holds `&name=` cannot be
/// told from two parameters. Whoever holds such a URL may split it; version 4 has no such flaw.
struct SigV2Text: Sendable {
    /// The parameter that carries a session token; it is signed as if it were a header.
    static let tokenName = "x-amz-security-token"

    /// Its bytes.
    let bytes: [UInt8]

    /// Puts the parts together.
    ///
    /// - Parameters:
    ///   - method: the method in upper case.
    ///   - end: seconds since 1970, as in `Expires`.
    ///   - headers: all headers that will be sent or came.
    ///   - token: the session token.
    ///   - resource: `/bucket` and the encoded path.
    ///   - query: decoded parameters; those that count are picked out here.
    init(
        method: String,
        end: Int64,
        headers: [Header],
        token: String?,
        resource: [UInt8],
        query: [(name: [UInt8], value: [UInt8])]
    ) {
        let newline = UInt8(ascii: "\n")
        func value(_ name: String) -> String { headers.first { $0.isNamed(name) }?.value ?? "" }
        var text: [UInt8] = []
        let front = [method, value("content-md5"), value("content-type"), String(end)]
        for line in front {
            text.append(text: line)
            text.append(newline)
        }
        for line in Self.amazonLines(headers, token) {
            text.append(contentsOf: line)
            text.append(newline)
        }
        text.append(contentsOf: resource)
        var mark = UInt8(ascii: "?")
        for (name, value) in Self.subresources(query) {
            text.append(mark)
            text.append(contentsOf: name)
            if !value.isEmpty {
                text.append(UInt8(ascii: "="))
                text.append(contentsOf: value)
            }
            mark = UInt8(ascii: "&")
        }
        bytes = text
    }

    /// The signature, base64.
    func signature(by key: SymmetricKey) -> String {
        Array(HMAC<Insecure.SHA1>.authenticationCode(for: bytes, using: key)).base64
    }

    /// `name:value` for each `x-amz-…` header by name; those of one name become one line with commas.
    private static func amazonLines(_ headers: [Header], _ token: String?) -> [[UInt8]] {
        var lines: [(name: [UInt8], value: [UInt8])] = []
        let all = headers + (token.map { [Header(tokenName, $0)] } ?? [])
        for header in all {
            let name = CanonicalHeaders.lowercased(header.name)
            guard name.starts(with: "x-amz-".utf8) else { continue }
            if let index = lines.firstIndex(where: { $0.name == name }) {
                lines[index].value.append(UInt8(ascii: ","))
                lines[index].value.append(contentsOf: header.value.utf8)
            } else {
                lines.append((name, Array(header.value.utf8)))
            }
        }
        lines.sort { $0.name.lexicographicallyPrecedes($1.name) }
        return lines.map { $0.name + [UInt8(ascii: ":")] + $0.value }
    }

    /// The parameters that name something else than the object's bytes, or change the answer.
    private static func subresources(
        _ query: [(name: [UInt8], value: [UInt8])]
    ) -> [(name: [UInt8], value: [UInt8])] {
        query.filter { item in names.contains { item.name.elementsEqual($0.utf8) } }
            .sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    private static let names = """
        accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging \
        metrics notification object-lock partNumber policy replication requestPayment \
        response-cache-control response-content-disposition response-content-encoding \
        response-content-language response-content-type response-expires restore select \
        select-type storageClass tagging torrent uploadId uploads versionId versioning versions \
        website
        """
        .split(separator: " ").map(String.init)
}
