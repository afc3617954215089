// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Testing

@Suite("How long an object stays")
struct RetentionTests {
    private func template() throws -> Template {
        Template(
            name: "inbox",
            watch: "/inbox",
            store: "local",
            key: try KeyTemplate("{id}/{path}"),
            publish: ["links"]
        )
    }

    @Test("is for ever, unless the template counts from its link's end")
    func end() {
        var retention = Retention()
        #expect(retention.objectEnd(after: Timestamp(seconds: 1_000)) == nil)
        retention.expireObjectsAfter = .seconds(60)
        #expect(retention.objectEnd(after: Timestamp(seconds: 1_000)) == Timestamp(seconds: 1_060))
    }

    @Test("stands in a job's snapshot only where it was said, and older ones are read")
    func snapshot() throws {
        var template = try template()
        let plain = String(decoding: try JSONEncoder().encode(template), as: UTF8.self)
        #expect(!plain.contains("retention"))
        let read = try JSONDecoder().decode(Template.self, from: Data(plain.utf8))
        #expect(read == template)
        template.retention.onRemove = .revoke
        template.retention.expireObjectsAfter = .seconds(60)
        let said = try JSONEncoder().encode(template)
        #expect(try JSONDecoder().decode(Template.self, from: said) == template)
        #expect(!String(decoding: said, as: UTF8.self).contains("lastCopy"))
    }
}
