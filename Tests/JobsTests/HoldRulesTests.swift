// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@Suite("A file that is held (security rules 2 and 4)")
struct HoldRulesTests {
    private func job(
        _ name: String = "a.pdf",
        _ change: (inout HoldRules) -> Void = { _ in }
    ) -> Job {
        var job = Example.job
        job.file.name = FileName(name)
        change(&job.template.filter.holds)
        return job
    }

    private let plain = SourceFacts(links: 1, owner: 1_000, stored: 4_096, size: 5)

    @Test("has a second name, unless the template allows that")
    func hardLinks() throws {
        var facts = plain
        facts.links = 2
        let failure = try #require(job().obstacle(facts))
        #expect(failure.advice == .hold && failure.code == "hard-link")
        for text in [
            "a.pdf", "hard_links: allow", "presignd retry --anyway \(Example.id)", "inbox",
        ] {
            #expect(failure.message.contains(text))
        }
        #expect(job("a", { $0.hardLinks = .allow }).obstacle(facts) == nil)
        #expect(job().obstacle(plain) == nil)
    }

    @Test("belongs to somebody else than the template names")
    func owners() {
        #expect(job("a", { $0.owners = [0, 1_000] }).obstacle(plain) == nil)
        #expect(job("a", { $0.owners = [0] }).obstacle(plain)?.code == "owner")
    }

    @Test("is large and mostly holes, but not when it is small or compressed a little")
    func sparse() {
        let size: Int64 = 2 << 30
        let facts = { SourceFacts(links: 1, owner: 0, stored: $0, size: $1) }
        #expect(job().obstacle(facts(size / 16 - 1, size))?.code == "sparse")
        #expect(job().obstacle(facts(size / 16, size)) == nil)
        #expect(job().obstacle(facts(0, 1 << 30)) == nil)
        #expect(job("a", { $0.sparse = .allow }).obstacle(facts(0, size)) == nil)
    }

    @Test(
        "has a name that keys and passwords have",
        arguments: [
            (".env", ".env"), ("x/.env.local", ".env.*"), (".git/config", ".git/**"),
            ("home/.ssh/known_hosts", ".ssh/**"), (".aws/credentials", ".aws/**"),
            (".gnupg/x", ".gnupg/**"), ("id_rsa", "id_rsa*"), ("keys/id_ed25519", "id_ed25519*"),
            ("id_rsa.old", "id_rsa*"), ("server.pem", "*.pem"), ("SERVER.KEY", "*.key"),
            ("a.kdbx", "*.kdbx"), ("a.p12", "*.p12"), ("a.PFX", "*.pfx"),
        ]
    )
    func names(name: String, sign: String) {
        #expect(SecretSigns.sign(of: FileName(name)) == sign)
        #expect(job(name).secretObstacle?.code == "secret")
        #expect(job(name, { $0.secrets = .send }).secretObstacle == nil)
        #expect(job(name, { $0.isWaived = true }).secretObstacle == nil)
    }

    @Test(
        "has no such name",
        arguments: [
            "env", "a.env", ".environment", "id_rsa.pub", "id_card.jpg", "monkey", "pem", ".git",
            "x.git/a", "a.key.pdf", "keynote", ".sshx/a",
        ]
    )
    func harmless(name: String) { #expect(SecretSigns.sign(of: FileName(name)) == nil) }

    @Test("begins with a private key, in its first 4 KiB and at the start of a line")
    func bodies() {
        let isKey = { (text: String) in SecretSigns.isPrivateKey(Array(text.utf8)[...]) }
        #expect(isKey("-----BEGIN PRIVATE KEY-----\nMII"))
        #expect(isKey("\u{feff}-----BEGIN RSA PRIVATE KEY-----\r\n"))
        #expect(isKey("Bag Attributes\r\n-----BEGIN ENCRYPTED PRIVATE KEY-----"))
        #expect(isKey("x\n-----BEGIN OPENSSH PRIVATE KEY-----\n"))
        #expect(isKey("-----BEGIN PGP PRIVATE KEY BLOCK-----"))
        #expect(!isKey("-----BEGIN CERTIFICATE-----\nMII") && !isKey("") && !isKey("-"))
        #expect(isKey("a-b\n--\n-----BEGIN EC PRIVATE KEY-----"))
        let slice = Array("-----BEGIN PRIVATE KEY-----".utf8)[5...]
        #expect(!SecretSigns.isPrivateKey(slice))
        #expect(!isKey("say -----BEGIN PRIVATE KEY-----"))
        #expect(!isKey("-----BEGIN \nPRIVATE KEY-----"))
        #expect(!isKey("-----BEGIN PUBLIC KEY-----"))
        #expect(!isKey(String(repeating: "a\n", count: 2_048) + "-----BEGIN PRIVATE KEY-----"))
        let failure = job().obstacle(head: Array("-----BEGIN PRIVATE KEY-----".utf8)[...])
        #expect(failure?.code == "secret" && failure?.advice == .hold)
        #expect(job("a", { $0.isWaived = true }).obstacle(head: Array("x".utf8)[...]) == nil)
    }
}

@Suite("A template's snapshot")
struct SnapshotTests {
    private func text(_ template: Template) throws -> String {
        String(decoding: try JSONEncoder().encode(template), as: UTF8.self)
    }

    @Test("says nothing of a filter that was not written, and can be read without one")
    func missing() throws {
        let text = try text(Example.job.template)
        #expect(!text.contains("filter") && text.contains("\"ready\":\"settle\""))
        #expect(
            try JSONDecoder().decode(Template.self, from: Data(text.utf8)) == Example.job.template
        )
    }

    @Test("keeps a filter and a sidecar")
    func kept() throws {
        var template = Example.job.template
        template.ready = .sidecar(try SidecarName("{name}.ok"))
        template.filter.include = [try NamePattern("*.pdf")]
        template.filter.maxAge = .seconds(60)
        template.filter.holds.owners = [0]
        template.filter.holds.isWaived = true
        let text = try text(template)
        #expect(try JSONDecoder().decode(Template.self, from: Data(text.utf8)) == template)
        #expect(!text.contains("exclude") && !text.contains("sparse"))
    }
}

@Suite("The name of a sidecar (W6)")
struct SidecarNameTests {
    @Test("goes both ways, byte by byte")
    func bothWays() throws {
        let name = try SidecarName(".{name}.done")
        #expect(name.sidecar(of: [0xff, 0x61]) == [0x2e, 0xff, 0x61] + Array(".done".utf8))
        #expect(name.file(of: [0x2e, 0xff, 0x61] + Array(".done".utf8)) == [0xff, 0x61])
        #expect(
            name.file(of: Array("..done".utf8)) == nil && name.file(of: Array("a.done".utf8)) == nil
        )
        #expect(SidecarName.usual.sidecar(of: "a.pdf".utf8) == Array("a.pdf.done".utf8))
    }

    @Test(
        "needs {name} once, something else and no /",
        arguments: ["", ".done", "{name}", "{name}{name}.a", "x/{name}", "{stem}.{name}"]
    )
    func refused(text: String) {
        #expect(throws: SidecarNameError.self) { try SidecarName(text) }
    }
}
