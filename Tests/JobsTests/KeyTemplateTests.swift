// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@Suite("A key template")
struct KeyTemplateTests {
    @Test(
        "fills its placeholders",
        arguments: [
            ("{id}/{path}", "01a3185c-5000-7001-8000-000000000002/reports/a b.tar.gz"),
            ("{name}", "a b.tar.gz"),
            ("{stem}.{ext}", "a b.tar.gz"),
            ("{stem}|{ext}", "a b.tar|gz"),
            ("{template}@{host}/{name}", "inbox@scanner/a b.tar.gz"),
            ("{date:%Y/%m/%d-%H%M%S-%j%%}/{name}", "2027/01/15-080000-015%/a b.tar.gz"),
            ("{sha256}", "0aff"),
            ("/{name}", "a b.tar.gz"),
        ]
    )
    func placeholders(text: String, key: String) throws {
        #expect(try made(text, "reports/a b.tar.gz") == key)
    }

    @Test("takes a leading dot as part of the stem")
    func dotfile() throws {
        #expect(try made("{stem}|{ext}{id}", ".profile").hasPrefix(".profile|01"))
    }

    @Test("writes bytes that are no good text as %XX, so that two names never share a key")
    func badNames() throws {
        #expect(try made("{path}", [0x61, 0xff, 0x0a]) == "a%FF%0A")
        #expect(try made("{path}", Array("%FF\n".utf8)) == "%25FF%0A")
        #expect(try made("{path}", Array("50%.txt".utf8)) == "50%.txt")
        #expect(try made("{path}", Array("a/../b".utf8)) == "a/%2E%2E/b")
        #expect(try made("{path}", Array("evil\u{202e}fdp.exe".utf8)) == "evil%E2%80%AEfdp.exe")
    }

    @Test(
        "says what is wrong with it",
        arguments: [
            ("", "is empty"),
            ("static", "same key"),
            ("{nmae}", "{nmae}"),
            ("{id", "brace"),
            ("id}", "brace"),
            ("{id}/../{name}", ".."),
            ("{id}{date:%Q}", "%-letter"),
        ]
    )
    func errors(text: String, part: String) {
        #expect {
            try KeyTemplate(text)
        } throws: {
            "\($0)".contains(part)
        }
    }

    private func made(_ text: String, _ name: String) throws -> String {
        try made(text, Array(name.utf8))
    }

    private func made(_ text: String, _ name: [UInt8]) throws -> String {
        let moment = Timestamp(seconds: 1_800_000_000)
        let values = KeyTemplate.Values(
            name: FileName(bytes: name),
            id: UniqueID(at: Timestamp(seconds: 1_800_000_000), random: (1, 2)),
            template: "inbox",
            host: "scanner",
            queuedAt: moment,
            sha256: [0x0a, 0xff]
        )
        return String(decoding: try KeyTemplate(text).key(for: values).bytes, as: UTF8.self)
    }
}
