// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A person's folder: config.yaml, jobs/, inbox/, and a presignd to run on it.
final class Sandbox: Sendable {
    let folder: URL
    let port: Int
    let environment: [String: String]
    /// The folder of inbox/, state/, links/ and objects/, as the test sees it.
    let ground: URL
    private let space: MountSpace?
    /// What runs presignd with fewer rights.
    private let confine: [String]
    /// Root without the right to read whatever it likes.
    private static let anybody = [
        "/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search", "--",
    ]

    /// Makes the folder; `store` is the YAML of a store named `media` beside the embedded `local`,
    /// `more` are variables that depend on the folder.
    ///
    /// What runs is held back by modes of files `asAnybody`, even if root runs the tests.
    ///
    /// It runs in `space`, where `place` is the folder of all but the configuration.
    init(
        store: String? = nil,
        template: String = "",
        settle: String = "100ms",
        link: String = "{ expires_in: 1h }",
        environment: [String: String] = [:],
        asAnybody: Bool = false,
        in space: MountSpace? = nil,
        at place: String = ".",
        more: (URL) -> [String: String] = { _ in [:] }
    ) throws {
        folder = URL(filePath: "/tmp/presignd-e2e-\(UUID().uuidString.prefix(8))")
        port = try Self.freePort()
        self.space = space
        confine = asAnybody && geteuid() == 0 ? Self.anybody : []
        ground = place == "." ? folder : space?.seen(place) ?? URL(filePath: place)
        // No test asks the metadata of the machine it runs on.
        let variables = [
            "PATH": "/usr/bin:/bin", "HOME": folder.path, "AWS_EC2_METADATA_DISABLED": "true",
        ]
        self.environment = variables.merging(environment) { $1 }.merging(more(folder)) { $1 }
        for made in [folder.appending(path: "jobs"), ground.appending(path: "inbox")] {
            try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
        }
        try write(
            "config.yaml",
            """
            version: 1
            state: \(place)/state
            jobs: ./jobs
            stores:
              local: { kind: local, folder: \(place)/objects, listen: "127.0.0.1:\(port)" }
            \(store.map { "  media: \($0)" } ?? "")
            sinks:
              links: { kind: manifest, path: \(place)/links/links.jsonl }
            """
        )
        try write(
            "jobs/inbox.yaml",
            """
            watch: \(place)/inbox
            store: \(store == nil ? "local" : "media")
            settle: \(settle)
            link: \(link)
            publish: [links]
            \(template)
            """
        )
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var manifest: ManifestFollower {
        ManifestFollower(file: ground.appending(path: "links/links.jsonl"))
    }

    /// What the daemons of this sandbox wrote to standard error.
    var log: String {
        (try? String(contentsOf: folder.appending(path: "errors"), encoding: .utf8)) ?? ""
    }

    func write(_ name: String, _ text: String) throws {
        try write(name, Data(text.utf8))
    }

    func write(_ name: String, _ data: Data) throws {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try data.write(to: file)
    }

    /// Starts `presignd run` and waits until it is ready.
    func start(_ more: [String: String] = [:]) throws -> ChildProcess {
        let ready = try ReadySocket(in: folder)
        let child = try spawn(more.merging(["NOTIFY_SOCKET": ready.path]) { $1 })
        guard ready.awaits("READY=1") else {
            throw SandboxError(text: "presignd did not get ready: \(log)")
        }
        return child
    }

    /// Starts `presignd run` and waits for nothing.
    func spawn(_ more: [String: String] = [:]) throws -> ChildProcess {
        let words = words(for: ["run", "--log-level", "debug"])
        return try ChildProcess(
            words[0],
            Array(words.dropFirst()),
            environment: environment.merging(more) { $1 },
            folder: folder,
            output: folder.appending(path: "output"),
            errors: folder.appending(path: "errors")
        )
    }

    private func words(for arguments: [String]) -> [String] {
        // What enters a space begins at its root.
        let enter = space.map { $0.enter + ["/usr/bin/env", "-C", folder.path] } ?? []
        return confine + enter + [Program.presignd] + arguments
    }

    /// Runs another command on the same configuration.
    func presignd(_ arguments: String...) throws -> Program.Result { try presignd(arguments) }

    func presignd(_ arguments: [String]) throws -> Program.Result {
        let words = words(for: arguments)
        return try Program.run(
            words[0],
            Array(words.dropFirst()),
            environment: environment,
            folder: folder
        )
    }

    /// Waits until the daemon has logged something.
    func untilLog(contains text: String, within seconds: Int = 60) throws {
        let notifier = inotify_init1(Int32(IN_CLOEXEC))
        defer { close(notifier) }
        let path = folder.appending(path: "errors").path
        unsafe inotify_add_watch(notifier, path, UInt32(IN_MODIFY))
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !log.contains(text) {
            guard ContinuousClock.now < deadline else {
                throw SandboxError(text: "the log never said \"\(text)\": \(log)")
            }
            var poller = pollfd(fd: notifier, events: Int16(POLLIN), revents: 0)
            var buffer = [UInt8](repeating: 0, count: 65_536)
            if unsafe poll(&poller, 1, 1_000) > 0 { _ = unsafe read(notifier, &buffer, 65_536) }
        }
    }

    /// Waits until a file is removed.
    func untilGone(_ name: String, within seconds: Int = 60) throws {
        let path = folder.appending(path: name)
        let notifier = inotify_init1(Int32(IN_CLOEXEC))
        defer { close(notifier) }
        let above = path.deletingLastPathComponent().path
        unsafe inotify_add_watch(notifier, above, UInt32(IN_DELETE | IN_MOVED_FROM))
        let deadline = ContinuousClock.now + .seconds(seconds)
        while FileManager.default.fileExists(atPath: path.path) {
            guard ContinuousClock.now < deadline else {
                throw SandboxError(text: "\(name) stays: \(log)")
            }
            var poller = pollfd(fd: notifier, events: Int16(POLLIN), revents: 0)
            var buffer = [UInt8](repeating: 0, count: 65_536)
            if unsafe poll(&poller, 1, 1_000) > 0 { _ = unsafe read(notifier, &buffer, 65_536) }
        }
    }

    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> Int32 in
                guard unsafe bind(descriptor, generic, length) == 0 else { return -1 }
                return unsafe getsockname(descriptor, generic, &length)
            }
        }
        guard result == 0 else { throw SandboxError(text: "no free port: \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

struct SandboxError: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}
