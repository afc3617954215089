// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The headers of a request that is to be signed, checked.
struct RequestHeaders: Sendable {
    /// The headers as the client must send them: without white space around the value, which no
    /// server sees, and otherwise as they were given.
    let sent: [Header]

    /// Checks headers.
    ///
    /// - Throws: `SignError` for a header that cannot be sent as it is, and for `Host`, which
    ///   follows from the URL.
    init(_ headers: [Header]) throws(SignError) {
        var sent: [Header] = []
        sent.reserveCapacity(headers.count)
        for header in headers {
            let name = CanonicalHeaders.lowercased(header.name)
            guard !name.isEmpty, name.allSatisfy(Self.isInName) else {
                throw .headerName(header.name)
            }
            if name.elementsEqual("host".utf8) { throw .hostHeader }
            guard
                Array(header.value.utf8).allSatisfy({
                    $0 >= 0x20 && $0 != 0x7f || $0 == UInt8(ascii: "\t")
                })
            else { throw .headerValue(name: header.name) }
            sent.append(Header(header.name, Self.trimmed(header.value)))
        }
        self.sent = sent
    }

    /// The form that is signed; the payload's hash is the value of `payloadHeader`, if it is there.
    func canonical(host: String, payloadHeader: String) -> CanonicalHeaders {
        let payload = sent.first { $0.isNamed(payloadHeader) }
        return CanonicalHeaders(
            [Header("host", host)] + sent,
            payloadHash: payload.map { CanonicalHeaders.collapsed($0.value) }
                ?? SignatureDialect.unsignedPayload
        )
    }

    /// What RFC 9110, section 5.6.2, allows, and the slash: Google's conformance suite signs a name
    /// that has some.
    private static func isInName(_ byte: UInt8) -> Bool {
        URLPart.path.keeps(byte) || "!#$%&'*+^`|".utf8.contains(byte)
    }

    private static func trimmed(_ value: String) -> String {
        func isSpace(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
        }
        guard value.utf8.first.map(isSpace) == true || value.utf8.last.map(isSpace) == true else {
            return value
        }
        var bytes = Array(value.utf8)[...]
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return String(decoding: bytes.drop(while: isSpace), as: UTF8.self)
    }
}

extension Header {
    /// Whether this is the header of a name, which is in lower case.
    func isNamed(_ lowercased: String) -> Bool {
        name.utf8.count == lowercased.utf8.count
            && CanonicalHeaders.lowercased(name).elementsEqual(lowercased.utf8)
    }
}
