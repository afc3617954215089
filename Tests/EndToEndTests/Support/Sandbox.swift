// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A person's folder: config.yaml, jobs/, inbox/, and a presignd to run on it.
final class Sandbox: Sendable {
    let folder: URL
    let port: Int
    let environment: [String: String]

    /// Makes the folder; `store` is the YAML of a store named `media` beside the embedded `local`,
    /// `more` are variables that depend on the folder.
    init(
        store: String? = nil,
        template: String = "",
        link: String = "{ expires_in: 1h }",
        environment: [String: String] = [:],
        more: (URL) -> [String: String] = { _ in [:] }
    ) throws {
        folder = URL(filePath: "/tmp/presignd-e2e-\(UUID().uuidString.prefix(8))")
        port = try Self.freePort()
        // No test asks the metadata of the machine it runs on.
        let variables = [
            "PATH": "/usr/bin:/bin", "HOME": folder.path, "AWS_EC2_METADATA_DISABLED": "true",
        ]
        self.environment = variables.merging(environment) { $1 }.merging(more(folder)) { $1 }
        for name in ["jobs", "inbox"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name),
                withIntermediateDirectories: true
            )
        }
        try write(
            "config.yaml",
            """
            version: 1
            state: ./state
            jobs: ./jobs
            stores:
              local: { kind: local, folder: ./objects, listen: "127.0.0.1:\(port)" }
            \(store.map { "  media: \($0)" } ?? "")
            sinks:
              links: { kind: manifest, path: ./links/links.jsonl }
            """
        )
        try write(
            "jobs/inbox.yaml",
            """
            watch: ./inbox
            store: \(store == nil ? "local" : "media")
            settle: 100ms
            link: \(link)
            publish: [links]
            \(template)
            """
        )
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var manifest: ManifestFollower {
        ManifestFollower(file: folder.appending(path: "links/links.jsonl"))
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
        var environment = environment.merging(more) { $1 }
        environment["NOTIFY_SOCKET"] = ready.path
        let child = try ChildProcess(
            Program.presignd,
            ["run", "--log-level", "debug"],
            environment: environment,
            folder: folder,
            output: folder.appending(path: "output"),
            errors: folder.appending(path: "errors")
        )
        guard ready.awaits("READY=1") else {
            throw SandboxError(text: "presignd did not get ready: \(log)")
        }
        return child
    }

    /// Runs another command on the same configuration.
    func presignd(_ arguments: String...) throws -> Program.Result {
        try Program.run(
            Program.presignd,
            arguments,
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
