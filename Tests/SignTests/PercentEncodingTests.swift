// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Sign

@Suite("Percent-encoding")
struct PercentEncodingTests {
    private static let unreserved = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8
    )

    @Test("writes every byte but unreserved ones and the slash as an escape in a path")
    func path() {
        for byte in UInt8.min ... .max {
            let stays = Self.unreserved.contains(byte) || byte == UInt8(ascii: "/")
            #expect(encoded([byte], .path) == (stays ? [byte] : escape(byte)), "byte \(byte)")
        }
    }

    @Test("writes every byte but unreserved ones as an escape in a query, the slash too")
    func query() {
        for byte in UInt8.min ... .max {
            let stays = Self.unreserved.contains(byte)
            #expect(encoded([byte], .query) == (stays ? [byte] : escape(byte)), "byte \(byte)")
        }
    }

    @Test(
        "keeps the order of plain and escaped bytes",
        arguments: [
            ("", ""), ("plain", "plain"), (" a", "%20a"), ("a ", "a%20"), ("  ", "%20%20"),
            ("a+b c%20", "a%2Bb%20c%2520"), ("//../.", "//../."), ("e\u{301}", "e%CC%81"),
            ("\u{e9}", "%C3%A9"), ("😀", "%F0%9F%98%80"),
        ]
    )
    func runs(text: String, expected: String) {
        #expect(String(decoding: encoded(Array(text.utf8), .path), as: UTF8.self) == expected)
    }

    @Test("is undone by decoding, whatever the bytes")
    func roundTrip() {
        let bytes = Array(UInt8.min ... .max)
        #expect([UInt8](percentDecoding: encoded(bytes, .query)[...]) == bytes)
        #expect([UInt8](percentDecoding: Array("a+b%2f%2F".utf8)[...]) == Array("a+b//".utf8))
    }

    @Test(
        "is refused when an escape is cut short or has no digits",
        arguments: ["%", "%2", "%zz", "a%4"]
    )
    func badEscapes(text: String) {
        #expect([UInt8](percentDecoding: Array(text.utf8)[...]) == nil)
    }

    private func encoded(_ bytes: [UInt8], _ part: URLPart) -> [UInt8] {
        var out: [UInt8] = []
        out.append(encoding: bytes[...], for: part)
        return out
    }

    private func escape(_ byte: UInt8) -> [UInt8] {
        let digits = String(byte, radix: 16, uppercase: true)
        return Array(("%" + (digits.count == 1 ? "0" : "") + digits).utf8)
    }
}
