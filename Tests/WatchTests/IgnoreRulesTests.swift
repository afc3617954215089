// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing
import Watch

@Suite("Ignored names (W6)")
struct IgnoreRulesTests {
    private let rules = IgnoreRules()

    @Test(
        "are dotfiles and files in the making, at any level",
        arguments: [
            (".hidden", ".*"), (".git/config", ".*"), ("a/.presignd/x", ".*"), ("a.part", "*.part"),
            ("a.partial", "*.partial"), ("a.filepart", "*.filepart"), ("a.tmp", "*.tmp"),
            ("a.crdownload", "*.crdownload"), ("a.swp", "*.swp"), ("a~", "*~"), ("~$a.docx", "~$*"),
            (".~lock.a.odt#", ".~lock.*#"), ("Thumbs.db", "Thumbs.db"), ("THUMBS.DB", "Thumbs.db"),
            ("b/desktop.ini", "desktop.ini"), ("Desktop.ini", "desktop.ini"), (".nfs0001", ".nfs*"),
            (".goutputstream-ABC", ".goutputstream-*"), ("up.tmp/a.pdf", "*.tmp"),
        ]
    )
    func ignored(name: String, rule: String) {
        #expect(rules.rule(ignoring: FileName(name)) == rule)
    }

    @Test(
        "are no others",
        arguments: [
            "a", "a.pdf", "part", "a.part.pdf", "a.TMP", "a.Part", "~a", "$~a", "thumbs.db.pdf",
            "tmp",
            "a/b/c.tar.gz", "a..b", "desktop.ini2", "a.tmp2", "swp", "",
        ]
    )
    func kept(name: String) { #expect(rules.rule(ignoring: FileName(name)) == nil) }

    @Test("are compared as bytes")
    func bytes() {
        #expect(rules.rule(ignoring: FileName(bytes: [0xff, 0x2e, 0x74, 0x6d, 0x70])) == "*.tmp")
        #expect(rules.rule(ignoring: FileName(bytes: [0xff, 0xfe])) == nil)
    }
}
