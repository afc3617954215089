// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Credentials

@Suite("A profile file")
struct ProfileFileTests {
    private func read(_ text: String) throws(CredentialError) -> ProfileFile {
        try ProfileFile(Array(text.utf8), path: "/f")
    }

    @Test("is read by sections, whatever the spacing, the line ends and the case of names")
    func sections() throws {
        let file = try read("\n[a]\r\nx=1\r\n  Y =  2 3\t\r\n\r\n[profile b]\nx = 4\n")
        #expect(file["a"] == ["x": "1", "y": "2 3"])
        #expect(file["profile b"] == ["x": "4"])
        #expect(file["b"] == nil)
    }

    @Test("may begin with a byte order mark")
    func byteOrderMark() throws {
        #expect(try read("\u{feff}[a]\nx=1\n")["a"] == ["x": "1"])
    }

    @Test("takes a # or ; for a comment at the start of a line and after a space only")
    func comments() throws {
        let file = try read("# c\n; c\n[a] ; c\nx = 1 # c\ny = a#b;c\nz = # c\n  # c\n")
        #expect(file["a"] == ["x": "1", "y": "a#b;c", "z": ""])
    }

    @Test("makes one section of two with the same name, and the later value counts")
    func duplicates() throws {
        let file = try read("[a]\nx=1\ny=1\n[b]\n[a]\nx=2\nx=3\n")
        #expect(file["a"] == ["x": "3", "y": "1"])
        #expect(file["b"] == [:])
    }

    @Test("keeps settings that are indented under another apart")
    func nested() throws {
        let file = try read("[services x]\ns3 =\n  endpoint_url = http://a\n\tb = 1\nc = 2\n")
        #expect(
            file["services x"] == ["s3": "", "s3.endpoint_url": "http://a", "s3.b": "1", "c": "2"]
        )
    }

    @Test("has values with = in them, and names of profiles in quotes")
    func details() throws {
        let file = try read("[profile \"my  team\"]\nkey = ab/c+d==\n")
        #expect(file["profile my team"] == ["key": "ab/c+d=="])
    }

    @Test(
        "is refused with file and line when a line is neither section nor setting",
        arguments: [("[a]\nx\n", 2), ("x = 1\n", 1), ("[a]\n\n[b\n", 3)]
    )
    func badLines(text: String, line: Int) throws {
        let error = try #require(throws: CredentialError.self) { try read(text) }
        #expect(error.description.hasPrefix("/f, line \(line): "))
    }

    @Test("is refused when it is not UTF-8")
    func noText() {
        #expect(throws: CredentialError.self) { try ProfileFile([0x5b, 0xff], path: "/f") }
    }
}
