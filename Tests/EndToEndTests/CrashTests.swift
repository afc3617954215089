// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Glibc
import Testing

@Suite("SIGKILL at any moment")
struct CrashTests {
    private static let files = 500
    private static let kills = 50

    @Test(
        "loses no file, sends no wrong byte, tells no link twice, leaves one object a job (Q1, L2)"
    )
    func killed() throws {
        let sandbox = try Sandbox(link: "{ expires_in: 6h }")
        var random = SystemRandomNumberGenerator()
        var digests: [String: String] = [:]
        var daemon = try sandbox.start()
        for number in 0..<Self.files {
            let content = Self.content(number, &random)
            let name = "d\(number % 7)/f\(number).bin"
            try sandbox.write("inbox/\(name)", content)
            digests[name] = SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined()
            guard number % (Self.files / Self.kills) == 0 else { continue }
            // Not a wait for anything: the moment of the crash is what is random here.
            try sandbox.manifest.waitForChange(atMostMilliseconds: Int32.random(in: 0...150))
            daemon.signal(SIGKILL)
            daemon.wait()
            daemon = try sandbox.start()
        }
        let lines = try sandbox.manifest.lines(within: 180) { lines in
            Set(lines.map(\.path)).count == Self.files
        }
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)

        #expect(Set(lines.map(\.path)) == Set(digests.keys), "0 lost")
        #expect(lines.allSatisfy { digests[$0.path] == $0.sha256 }, "0 wrong bytes")
        #expect(Set(lines.map { "\($0.id) \($0.rev) \($0.event)" }).count == lines.count)
        #expect(lines.count == Self.files, "one link a file")
        #expect(zip(lines, lines.dropFirst()).allSatisfy { $0.seq < $1.seq })
        #expect(try Self.objects(in: sandbox) == Self.files, "one object a job")

        daemon = try sandbox.start()
        for line in lines.shuffled().prefix(40) {
            let body = try Program.curl(line.url).body
            let digest = SHA256.hash(data: body).map { String(format: "%02x", $0) }.joined()
            #expect(digest == line.sha256)
        }
        daemon.signal(SIGTERM)
        daemon.wait()
    }

    /// 0 bytes to 1 MiB, most of them small.
    private static func content(_ number: Int, _ random: inout some RandomNumberGenerator) -> Data {
        let sizes = [0, 1, 4_096, 70_000, Int.random(in: 0...1_048_576, using: &random)]
        let size = sizes[number % sizes.count]
        var data = Data(count: size)
        for index in stride(from: 0, to: size, by: 97) {
            data[index] = UInt8.random(in: 0...255, using: &random)
        }
        return data
    }

    /// Objects as the embedded store keeps them: regular files that are no temporary ones.
    static func objects(in sandbox: Sandbox) throws -> Int {
        let folder = sandbox.folder.appending(path: "objects")
        let found = FileManager.default.enumerator(
            at: folder,
            includingPropertiesForKeys: [.isRegularFileKey]
        )
        var count = 0
        for case let file as URL in found ?? .init() {
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true,
                file.lastPathComponent.count == 64
            else { continue }
            count += 1
        }
        return count
    }
}

extension ManifestFollower {
    /// Waits for the next change of the manifest, or for the given time.
    func waitForChange(atMostMilliseconds limit: Int32) throws {
        let notifier = inotify_init1(Int32(IN_CLOEXEC))
        defer { close(notifier) }
        unsafe inotify_add_watch(notifier, file.path, UInt32(IN_MODIFY))
        var poller = pollfd(fd: notifier, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&poller, 1, limit)
    }
}
