// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Testing

@Suite("What a template stores on objects")
struct ObjectSettingsTests {
    @Test("is nothing in a snapshot of an older presignd")
    func oldSnapshot() throws {
        let old = """
            {"name":"inbox","watch":"/srv/inbox","store":"local","key":"{id}/{path}",\
            "publish":["links"],"ready":"settle","onExists":"fail",\
            "link":{"disposition":"inline"}}
            """
        let template = try JSONDecoder().decode(Template.self, from: Data(old.utf8))
        #expect(template.object == ObjectSettings())
        #expect(template.link.disposition == .inline)
        let empty = try JSONDecoder().decode(ObjectSettings.self, from: Data("{}".utf8))
        #expect(empty == ObjectSettings())
    }

    @Test("is read from a snapshot as it was written")
    func snapshot() throws {
        let settings = ObjectSettings(
            contentType: "text/plain",
            cacheControl: "no-store",
            storageClass: "GLACIER_IR",
            encryption: .keyServiceTwice,
            encryptionKey: "k",
            acl: .ownerOnly,
            tags: [NamedValue("b", try ValueTemplate("{id}")), NamedValue("a", try .init(""))],
            metadata: [NamedValue("c", try ValueTemplate("x{ext}"))]
        )
        let data = try JSONEncoder().encode(settings)
        #expect(try JSONDecoder().decode(ObjectSettings.self, from: data) == settings)
    }

    @Test("has this machine's name in the place of {host}")
    func host() throws {
        let entry = NamedValue("a", try ValueTemplate("{host}/{path}"))
        let filled = ObjectSettings(metadata: [entry]).filling(host: "nas")
        #expect(filled.metadata.first?.value.text == "nas/{path}")
        #expect(filled.metadata.first?.value.value(for: Example.job) == Array("nas/a.pdf".utf8))
    }

    @Test("knows no digest, and no placeholder that a key does not know")
    func placeholders() {
        #expect(throws: KeyTemplateError.self) { try ValueTemplate("{sha256}") }
        #expect(throws: KeyTemplateError.self) { try ValueTemplate("{nmae}") }
        #expect(throws: KeyTemplateError.self) { try ValueTemplate("a{") }
    }
}
