// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Testing
import Transfer

@testable import Daemon

@Suite("Links and the keys that sign them", .timeLimit(.minutes(5)))
struct LinkKeysTests {
    private static let hour = Span.seconds(3_600)
    private static let day = Span.seconds(86_400)

    /// A store whose keys end; `end` says when the key does that the tool gives out next.
    private func temporary(
        _ body: (LinkScene, _ end: (Timestamp) throws -> Void) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
        let clock = TestClock(start)
        try folder.write(
            """
            end=$(cat '\(folder["end"])')
            printf '{"Version":1,"AccessKeyId":"A%s","SecretAccessKey":"s",' "$end"
            printf '"SessionToken":"t","Expiration":"%s"}' "$end"
            """,
            to: "tool.sh"
        )
        try folder.writeSecret(
            "[profile tool]\ncredential_process = /bin/sh '\(folder["tool.sh"])'\n",
            to: "config"
        )
        let remote = S3Settings(
            bucket: "bucket",
            region: "eu-central-1",
            endpoint: try Endpoint("https://s3.example.org"),
            style: .path,
            credentials: .profile("tool")
        )
        let settings = StoreSettings(name: "local", kind: .s3(remote))
        let access = StoreAccess(
            settings,
            state: folder.path,
            environment: ["AWS_CONFIG_FILE": folder["config"], "PATH": "/usr/bin:/bin"]
        )
        let store = try StoreHost.embedded(by: clock).store(settings, access)
        try await body(LinkScene(folder, clock, store)) { end in
            try folder.write(end.rfc3339, to: "end")
        }
    }

    private func publish(
        _ scene: LinkScene,
        _ template: Template,
        in queue: Queue
    ) async throws -> Job {
        let job = Job.sample(try scene.folder.settled("a", "sent"), template)
        return try await scene.publish(job, .sample(), in: queue)
    }

    @Test("P4: a link ends a minute before its key, and its visits go by what it really lives")
    func honest() async throws {
        try await temporary { scene, end in
            try end(start + Self.hour)
            let template = try scene.template(.forever, prove: .off)
            let queue = try scene.openQueue()
            let job = try await publish(scene, template, in: queue)
            let link = try await scene.link(of: job, in: queue)
            #expect(link.expiresAt == start + .seconds(3_540))
            #expect(link.limitedBy == .credentials)
            let visit = try #require(try await queue.nextVisit())
            #expect(visit > start + .seconds(2_400) && visit < start + .seconds(2_880))
            // The next key lasts longer, and so does the next link.
            try end(start + .seconds(7_200))
            let keeper = scene.keeper(of: queue, template)
            // Near its end a key is renewed in the background, and the next try has the new one.
            while scene.kinds.isEmpty, try await scene.step(keeper, until: link.expiresAt) {}
            let next = try await scene.link(of: job, in: queue)
            #expect(next.revision == 2 && next.signer != link.signer)
            #expect(next.expiresAt == start + .seconds(7_140))
            await queue.close()
        }
    }

    @Test("P4: a key that is not renewed makes no row of links that are each shorter")
    func noGain() async throws {
        try await temporary { scene, end in
            try end(start + Self.hour)
            let template = try scene.template(.forever, prove: .off)
            let queue = try scene.openQueue()
            let job = try await publish(scene, template, in: queue)
            let keeper = scene.keeper(of: queue, template)
            let expiry = try await scene.link(of: job, in: queue).expiresAt
            while try await scene.step(keeper, until: expiry - .seconds(60)) {}
            #expect(try await scene.link(of: job, in: queue).revision == 1)
            #expect(try await queue.linkTrouble()?.1.code == "short-lived-key")
            try end(start + .seconds(86_400))
            while try await scene.step(keeper, until: expiry) {}
            #expect(scene.kinds.first == .renewed)
            #expect(scene.told.all.first.map { $0.happening.at < expiry } == true)
            await queue.close()
        }
    }

    @Test("P4: under min_lifetime a file waits rather than get a link that works too shortly")
    func shortest() async throws {
        try await temporary { scene, end in
            try end(start + Self.hour)
            var template = try scene.template(prove: .off)
            template.link.minLifetime = .seconds(7_200)
            let job = Job.sample(try scene.folder.settled("a", "sent"), template)
            let failure = await #expect(throws: Failure.self) {
                _ = try await scene.store.provenLink(for: job, .sample(), revision: 1)
            }
            #expect(failure?.code == "short-lived-key" && failure?.advice == .hold)
            #expect(failure?.message.contains("less than the 7200 s that `min_lifetime:`") == true)
            // A better key is asked for each time.
            try end(start + .seconds(10_800))
            scene.clock.now = start + .seconds(600)
            let link = try await scene.store.provenLink(for: job, .sample(), revision: 1).0
            #expect(link.expiresIn == 10_140)
        }
    }

    @Test("P4: that links end with their key is said, and what comes of it")
    func notes() throws {
        let folder = try TemporaryFolder()
        var template = try Template.sample(in: folder)
        let end = start + Self.hour
        func note() -> String? { template.note(ofKeyEnding: end, at: start) }
        #expect(template.note(ofKeyEnding: nil, at: start) == nil)
        #expect(template.note(ofKeyEnding: start + .seconds(86_460), at: start) == nil)
        #expect(note()?.contains("links shall live 1d, but the key that signs them") == true)
        #expect(note()?.contains("`link_credentials:`") == true)
        template.link.renewUntil = .forever
        #expect(
            note()?.hasSuffix("they are renewed before, each for as long as the key then lasts")
                == true
        )
        template.link.minLifetime = .seconds(7_200)
        #expect(
            note()?.contains("less than `min_lifetime: 2h`, so files are uploaded and wait") == true
        )
    }

    /// Gives the embedded store another key, as a person does who moves one away.
    private func rotate(_ scene: LinkScene) throws {
        let file = "state/stores/local.credentials"
        let text = try #require(scene.folder.text(file))
        let name = "aws_access_key_id = "
        let changed = text.split(separator: "\n")
            .map { $0.hasPrefix(name) ? name + "B" + $0.dropFirst(name.count) : String($0) }
            .joined(separator: "\n")
        try #require(changed != text)
        try scene.folder.remove(file)
        try scene.folder.writeSecret(changed, to: file)
        // Keys are read anew once a second at most.
        scene.clock.now = scene.clock.now + .seconds(2)
    }

    @Test("links that another key signed are renewed once that is gone, and only once")
    func rotated() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(.forever, prove: .off)
            let queue = try scene.openQueue()
            for number in 0..<(LinkKeeper.step + 44) {
                try await scene.publish("\(number)", template, in: queue)
            }
            let keeper = scene.keeper(of: queue, template)
            try await scene.walk(keeper)
            #expect(scene.kinds.isEmpty)
            try rotate(scene)
            try await scene.walk(keeper)
            #expect(Set(scene.kinds) == [.renewed] && scene.told.count == LinkKeeper.step + 44)
            try await scene.walk(scene.keeper(of: queue, template))
            #expect(scene.told.count == LinkKeeper.step + 44)
            await queue.close()
        }
    }

    @Test("where a template does not renew, they stay as they were told")
    func notRenewed() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(prove: .off)
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            try rotate(scene)
            try await scene.walk(scene.keeper(of: queue, template))
            #expect(try await scene.link(of: job, in: queue).revision == 1)
            await queue.close()
        }
    }

    @Test("L6: a link that was said to expire is renewed when its template comes to say so")
    func changedTemplate() async throws {
        try await LinkScene.run { scene in
            let queue = try scene.openQueue()
            let before = try scene.template()
            let job = try await scene.publish("a", before, in: queue)
            #expect(
                try await scene.step(scene.keeper(of: queue, before), until: start + Self.day)
            )
            #expect(scene.kinds == [.expiring])
            let keeper = scene.keeper(of: queue, try scene.template(.forever))
            keeper.heedTemplates()
            try await scene.walk(keeper)
            #expect(scene.kinds == [.expiring, .renewed])
            #expect(try await scene.sight(of: job, in: queue) == .serves(cached: false))
            await queue.close()
        }
    }
}
