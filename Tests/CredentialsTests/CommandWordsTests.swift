// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Credentials

@Suite("The command line of a credential_process")
struct CommandWordsTests {
    @Test(
        "is split as a POSIX shell splits it, and nothing in it is expanded",
        arguments: [
            ("", []), ("  \t ", []), ("a", ["a"]), (" a  b\tc ", ["a", "b", "c"]),
            (#"a "b c" d"#, ["a", "b c", "d"]), ("a 'b \"c' d", ["a", "b \"c", "d"]),
            (#"a\ b c"#, ["a b", "c"]), (#""a\"b""#, [#"a"b"#]), (#""a\\b""#, [#"a\b"#]),
            (#""a\nb""#, [#"a\nb"#]), (#"'a\b'"#, [#"a\b"#]), (#"a"b"'c'd"#, ["abcd"]),
            (#""""#, [""]), ("'' x", ["", "x"]),
            ("$HOME `id` *.c ; # x", ["$HOME", "`id`", "*.c", ";", "#", "x"]),
            (#"C:\dir\x"#, ["C:dirx"]), ("é 'ü ö'", ["é", "ü ö"]),
        ] as [(String, [String])]
    )
    func words(line: String, expected: [String]) throws {
        #expect(try CommandWords.split(line) == expected)
    }

    @Test("is refused when a quote stays open or a backslash has nothing to keep")
    func refused() {
        for line in ["a \"b", "a 'b", "'"] {
            #expect(throws: CommandWords.Problem.openQuote) { try CommandWords.split(line) }
        }
        #expect(throws: CommandWords.Problem.endsInBackslash) { try CommandWords.split("a \\") }
    }

    private static func quoted(_ byte: UInt8) -> [UInt8] {
        byte == UInt8(ascii: "'") ? Array("'\\''".utf8) : [byte]
    }

    @Test("of random bytes ends in words or in an error, and words that are quoted come back")
    func random() throws {
        var numbers = SystemRandomNumberGenerator()
        let alphabet = Array("ab \t\n\r\"'\\$é\u{0}".utf8)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...24, using: &numbers)
            let bytes = (0..<count).map { _ in
                Bool.random(using: &numbers)
                    ? alphabet.randomElement(using: &numbers) ?? 0x61
                    : UInt8.random(in: 0...255, using: &numbers)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if let words = try? CommandWords.split(text) {
                // By bytes: for `String` a quote before a combining mark is no quote.
                let quoted = words.map { word in
                    "'" + String(decoding: word.utf8.flatMap(Self.quoted), as: UTF8.self) + "'"
                }
                #expect(try CommandWords.split(quoted.joined(separator: " ")) == words, "\(bytes)")
            }
            _ = try? ProfileFile(bytes, path: "/f")
            _ = try? ProfileFile(Array("[a]\nx =\n".utf8) + bytes, path: "/f")
            _ = AnswerText(bytes)
            _ = try? KeyDocument(bytes, from: "x")
        }
    }
}
