// SPDX-License-Identifier: Apache-2.0

import Jobs
import Settings
import Testing

@Suite("The life of a template's links")
struct LinkReaderTests {
    private func link(_ text: String) throws -> LinkSettings? {
        let template = ConfigFolder.template + "link: { \(text) }\n"
        let folder = try ConfigFolder(ConfigFolder.config, ["inbox.yaml": template])
        return try folder.load().configuration.templates.first?.link
    }

    @Test("is renewed for a time or for ever, and not at all when nothing is said")
    func values() throws {
        #expect(try link("renew_until: 30d")?.renewUntil == .after(.seconds(30 * 86_400)))
        #expect(try link("renew_until: forever")?.renewUntil == .forever)
        #expect(try link("expires_in: 1h")?.renewUntil == nil)
        #expect(try link("expires_in: 1h, min_lifetime: 10m")?.minLifetime == .seconds(600))
        #expect(try link("expires_in: 1h")?.minLifetime == nil)
    }

    @Test(
        "is refused with its cure where it makes no sense",
        arguments: [
            ("renew_until: 24h", "link.renew_until: is not longer than `expires_in`"),
            ("expires_in: 1h, renew_until: 30m", "write more than 3600s, such as 30d"),
            ("renew_until: always", "is not a length of time; write for how long"),
            ("renew_until: 0s", "is not a length of time"),
            ("renew_until: 99999d", "write forever"),
            ("expires_in: 1h, min_lifetime: 2h", "link.min_lifetime: is longer than `expires_in`"),
            ("min_lifetime: 0s", "link.min_lifetime:"),
        ]
    )
    func wrong(text: String, problem: String) throws {
        let found = try problems(template: ConfigFolder.template + "link: { \(text) }\n")
        #expect(found.count == 1 && found.first?.contains(problem) == true, "\(found)")
    }

    @Test("is asked for beneath `link:`")
    func place() throws {
        let found = try problems(template: ConfigFolder.template + "renew_until: 30d\n")
        #expect(found.first?.contains("did you mean \"link.renew_until\"?") == true, "\(found)")
    }
}
