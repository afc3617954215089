// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Watch

@Suite("Which files are taken (W7)")
struct FileRulesTests {
    private func rules(
        include: [String] = [],
        exclude: [String] = [],
        hidden: Bool = false,
        ignoring text: String? = nil
    ) throws -> FileRules {
        var filter = FileFilter()
        filter.include = try include.map { try NamePattern($0) }
        filter.exclude = try exclude.map { try NamePattern($0) }
        filter.hidden = hidden
        filter.ignoreFile = text != nil
        return FileRules(filter, ignoreFile: IgnoreFile(Array((text ?? "").utf8)))
    }

    private func rule(_ name: String, _ rules: FileRules) -> FileRule? {
        rules.rule(leavingOut: FileName(name))
    }

    @Test("are all but the ignored ones, where a template says nothing")
    func nothingSaid() throws {
        let rules = try rules()
        #expect(rule("a/b.pdf", rules) == nil)
        #expect(rule("a/b.part", rules) == .builtIn("*.part"))
        #expect(rule("up.tmp/b.pdf", rules) == .builtIn("*.tmp"))
        #expect(rule(".env", rules) == .builtIn(".*"))
    }

    @Test("are those that include means, by themselves or with a folder above")
    func include() throws {
        let rules = try rules(include: ["*.pdf", "/scans/", "!scans/drafts/"])
        #expect(rule("a.pdf", rules) == nil && rule("x/y/a.pdf", rules) == nil)
        #expect(rule("a.txt", rules) == .notIncluded && rule("x/scans/a", rules) == .notIncluded)
        #expect(rule("scans/deep/a.txt", rules) == nil)
        #expect(rule("scans/drafts/a.txt", rules) == .notIncluded)
        #expect(rule("scans/drafts/a.pdf", rules) == nil)
    }

    @Test("are none that exclude means, whatever include says")
    func exclude() throws {
        let rules = try rules(include: ["*"], exclude: ["*.log", "!keep.log", "build/"])
        #expect(rule("a.log", rules) == .excluded("*.log") && rule("x/keep.log", rules) == nil)
        #expect(rule("build/a", rules) == .excluded("build/") && rule("build", rules) == nil)
        #expect(rule("x/build/keep.log", rules) == .excluded("build/"))
    }

    @Test("may be what is ignored otherwise, where a pattern spells it out")
    func outright() throws {
        let broad = try rules(include: ["*", "*.docx"])
        #expect(rule("~$a.docx", broad) == .builtIn("~$*") && rule("a.tmp", broad) != nil)
        #expect(rule(".a.docx", broad) == .builtIn(".*"))
        let narrow = try rules(
            include: [
                "*", "*.tmp", ".htaccess", ".well-known/**/*.txt", "Thumbs.db", "/cache.part/",
            ]
        )
        for name in [
            "a.tmp", "x.tmp/b", ".htaccess", ".well-known/a.txt", ".well-known/b/a.txt",
            "Thumbs.db",
            "cache.part/a",
        ] {
            #expect(rule(name, narrow) == nil, "\(name)")
        }
        for name in [".env", "x/.well-known/a.txt", "b/cache.part/a", "a.swp", ".well-known/a~"] {
            #expect(rule(name, narrow) != nil, "\(name)")
        }
        let back = try rules(exclude: ["!*.tmp", "secret.tmp"])
        #expect(rule("a.tmp", back) == nil && rule("b.pdf", back) == nil)
        #expect(rule("secret.tmp", back) == .excluded("secret.tmp"))
    }

    @Test("may be hidden ones, but none that are being made, and never presignd's own")
    func hidden() throws {
        let rules = try rules(include: [".*", "*"], hidden: true, ignoring: "")
        #expect(rule(".env", rules) == nil && rule(".config/a", rules) == nil)
        #expect(rule(".a.swp", rules) == .builtIn("*.swp"))
        #expect(rule(".nfs01", rules) == .builtIn(".nfs*") || rule(".nfs01", rules) == nil)
        #expect(rule(".presignd/0198", rules) == .own && rule(".presignignore", rules) == .own)
        #expect(rule("a/.presignd/b", rules) == nil)
    }

    @Test("are none that the folder's own rules mean, which take nothing back from the template")
    func ignoreFile() throws {
        let text = "\u{feff}# no drafts\r\n*.draft\r\n!*.log\n\n[broken\n!.env\n!*.part\n/top.txt\n"
        let rules = try rules(exclude: ["*.log"], ignoring: text)
        #expect(rule("x/a.draft", rules) == .ignoreFile(line: 2, pattern: "*.draft"))
        #expect(rule("a.log", rules) == .excluded("*.log"))
        #expect(rule(".env", rules) == .builtIn(".*") && rule("a.part", rules) != nil)
        #expect(rule("top.txt", rules) == .ignoreFile(line: 8, pattern: "/top.txt"))
        #expect(rule("x/top.txt", rules) == nil)
        var filter = FileFilter()
        filter.ignoreFile = false
        let deaf = FileRules(filter, ignoreFile: IgnoreFile(Array(text.utf8)))
        #expect(rule("a.draft", deaf) == nil)
    }

    @Test("are told by a file of bounded size, of which no half line counts")
    func bounded() throws {
        let long = IgnoreFile([UInt8](repeating: 0x61, count: IgnoreFile.mostBytes + 1))
        #expect(long.isCut)
        #expect(
            FileRules(try rules(ignoring: "").filter, ignoreFile: long)
                .rule(leavingOut: FileName("a")) == nil
        )
        let many = String(repeating: "*.a\n", count: IgnoreFile.mostPatterns) + "*.z\n"
        let rules = try rules(ignoring: many)
        #expect(rules.ignoreFile.isCut && rule("x.z", rules) == nil && rule("x.a", rules) != nil)
        let wide = try self.rules(ignoring: String(repeating: "*a", count: 400) + "\n*.b\n")
        #expect(rule("x.b", wide) == .ignoreFile(line: 2, pattern: "*.b") && !wide.ignoreFile.isCut)
    }
}
