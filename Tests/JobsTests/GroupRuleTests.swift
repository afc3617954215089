// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@Suite("When a group is published")
struct GroupRuleTests {
    private let start = Timestamp(seconds: 1_795_000_000)

    private func facts(_ change: (inout GroupFacts) -> Void = { _ in }) -> GroupFacts {
        var facts = GroupFacts(changedAt: start + .seconds(60), openedAt: start, hasReady: true)
        change(&facts)
        return facts
    }

    @Test("it is once nothing was added for `quiet`")
    func quiet() {
        let rule = GroupRule(.quiet(.seconds(300)))
        let due = start + .seconds(360)
        #expect(
            rule.decide(facts(), at: start + .seconds(100)) == .wait(until: due, .quiet)
        )
        #expect(rule.decide(facts(), at: due) == .publish)
    }

    @Test("it is at once when the marker is there, and looked for every second until then")
    func marker() {
        let rule = GroupRule(.marker("_READY"))
        let now = start + .seconds(61)
        #expect(
            rule.decide(facts(), at: now)
                == .wait(until: now + .seconds(1), .marker("_READY"))
        )
        #expect(rule.decide(facts { $0.hasMarker = true }, at: now) == .publish)
    }

    @Test(
        "its rule is written without what is as by default, and read from before there was a page"
    )
    func stored() throws {
        var rule = GroupRule(.quiet(.seconds(5)))
        let written = try JSONEncoder().encode(rule)
        #expect(!String(decoding: written, as: UTF8.self).contains("page"))
        #expect(try JSONDecoder().decode(GroupRule.self, from: written) == rule)
        rule.hasPage = true
        let paged = try JSONEncoder().encode(rule)
        #expect(try JSONDecoder().decode(GroupRule.self, from: paged).hasPage)
    }

    @Test("it waits for members that are to be uploaded, or need a person")
    func members() {
        let rule = GroupRule(.quiet(.seconds(1)))
        let late = start + .seconds(10_000)
        #expect(
            rule.decide(facts { $0.isUploading = true }, at: late) == .wait(until: nil, .uploading)
        )
        #expect(rule.decide(facts { $0.dead = 2 }, at: late) == .wait(until: nil, .dead(2)))
    }

    @Test("after `timeout` what is ready is, whatever the rest does")
    func timeout() {
        let rule = GroupRule(.marker("M"), timeout: .seconds(600))
        let end = start + .seconds(600)
        let waiting = facts { $0.dead = 1 }
        #expect(rule.decide(waiting, at: start + .seconds(70)) == .wait(until: end, .dead(1)))
        #expect(rule.decide(waiting, at: end) == .publishReady)
        #expect(
            rule.decide(facts { ($0.hasReady, $0.isUploading) = (false, true) }, at: end)
                == .wait(until: nil, .uploading),
            "nothing is ready"
        )
    }

    @Test("what a command named waits for nothing but its members")
    func named() {
        let rule = GroupRule(.quiet(.seconds(3_600)))
        #expect(rule.decide(facts { $0.isNamed = true }, at: start) == .publish)
    }

    @Test("its folder is the one directly beneath the root; the marker is in that one")
    func folders() throws {
        var template = Template(
            name: "inbox",
            watch: "/in",
            store: "local",
            key: try KeyTemplate("{id}/{path}"),
            publish: []
        )
        let stamp = FileStamp(size: 1, modified: start, changed: start, inode: 1)
        func file(_ name: String, root: String = "/in") -> SettledFile {
            SettledFile(root: root, name: FileName(name), stamp: stamp)
        }
        #expect(template.groupFolder(of: file("a/b")) == nil)
        template.group = GroupRule(.marker("M"))
        #expect(template.groupFolder(of: file("a/b/c")) == FileName("a"))
        #expect(template.groupFolder(of: file("a")) == nil)
        #expect(template.groupFolder(of: file("a/b", root: "/elsewhere")) == nil)
        #expect(template.isGroupMarker(file("a/M")))
        #expect(!template.isGroupMarker(file("a/b/M")) && !template.isGroupMarker(file("M")))
        let decoder = JSONDecoder()
        let whole = try JSONEncoder().encode(template)
        #expect(try decoder.decode(Template.self, from: whole) == template)
        template.group = nil
        let old = try JSONEncoder().encode(template)
        #expect(!String(decoding: old, as: UTF8.self).contains("group"))
        #expect(try decoder.decode(Template.self, from: old) == template)
    }
}
