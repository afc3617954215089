// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("A file whose key is taken in the store")
struct TakenKeyTests {
    @Test("gets a number of its own, and nothing is lost")
    func rename() throws {
        let sandbox = try Sandbox(template: "key: \"{name}\"\non_exists: rename\n")
        let daemon = try sandbox.start()
        let folders = ["one", "two", "three"]
        for folder in folders { try sandbox.write("inbox/\(folder)/a.txt", "from \(folder)") }
        let lines = try sandbox.manifest.lines(count: 3)
        #expect(lines.count == 3, "\(sandbox.log)")
        for line in lines {
            let folder = String(line.path.prefix { $0 != "/" })
            #expect(try Program.curl(line.url).body == Data("from \(folder)".utf8))
        }
        let keys = Set(
            lines.map { String($0.url.split(separator: "?")[0].split(separator: "/").last ?? "") }
        )
        #expect(keys == ["a.txt", "a~2.txt", "a~3.txt"])
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("is linked to what is there already, if that is the same")
    func skip() throws {
        let sandbox = try Sandbox(template: "key: \"{name}\"\non_exists: skip-if-same\n")
        let daemon = try sandbox.start()
        try sandbox.write("inbox/one/a.txt", "the same")
        _ = try sandbox.manifest.lines(count: 1)
        try sandbox.write("inbox/two/a.txt", "the same")
        let lines = try sandbox.manifest.lines(count: 2)
        #expect(lines.map(\.path) == ["one/a.txt", "two/a.txt"], "\(sandbox.log)")
        for line in lines { #expect(try Program.curl(line.url).body == Data("the same".utf8)) }
        try sandbox.write("inbox/three/a.txt", "another")
        try sandbox.untilLog(contains: "needs a person: key-exists")
        let jobs = try sandbox.presignd("jobs")
        #expect(jobs.output.contains("on_exists: rename"))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }
}
