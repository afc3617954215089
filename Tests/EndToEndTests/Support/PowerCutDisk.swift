// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A disk whose power can be cut: a file system in a file, mounted in a space of its own.
///
/// What was written and not synced is gone after a cut, as are renames, new names and lengths that
/// the journal has not.
final class PowerCutDisk: Sendable {
    enum Kind: String, CaseIterable, Sendable { case ext4, xfs }

    /// Those that can be mounted here: that takes root, loop devices, and a kernel that knows them.
    static let kinds = Kind.allCases.filter { kind in
        MountSpace.isAllowed && (try? PowerCutDisk(kind).end()) != nil
    }

    let space: MountSpace
    /// Where it is mounted in the space.
    let path: String
    private let folder: URL
    private var image: String { folder.appending(path: "image").path }

    init(_ kind: Kind) throws {
        folder = URL(filePath: "/tmp/presignd-disk-\(UUID().uuidString.prefix(8))")
        path = folder.appending(path: "disk").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        space = try MountSpace()
        // mkfs.xfs makes none below 300 MiB; the file is sparse.
        try space.run("truncate", "-s", "512M", image)
        try space.run("/usr/sbin/mkfs.\(kind.rawValue)", "-q", image)
        try mount()
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The file system as this process sees it.
    var seen: URL { space.seen(path) }

    /// Stops a process, takes the power away, ends the process, and has the power back.
    ///
    /// Without the stop the process could see its disk vanish and tell of it, which after a power
    /// cut no process does.
    func cut(under process: ChildProcess, looking: () throws -> Void) throws {
        process.signal(SIGSTOP)
        try process.untilStopped()
        try looking()
        try space.cut(path)
        process.signal(SIGKILL)
        process.wait()
        try end()
        try mount()
    }

    func end() throws { try space.run("umount", path) }

    // The loop device goes with the mount.
    private func mount() throws { try space.run("mount", "-o", "loop", image, path) }
}

extension ChildProcess {
    /// Waits until every thread is stopped; one that is in a system call ends that first.
    func untilStopped() throws {
        let tasks = "/proc/\(pid)/task"
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let states = try FileManager.default.contentsOfDirectory(atPath: tasks).map { task in
                let stat = try String(contentsOfFile: "\(tasks)/\(task)/stat", encoding: .utf8)
                return stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].dropFirst(2).first
            }
            if states.allSatisfy({ $0 == "T" }) { return }
            guard ContinuousClock.now < deadline else {
                throw SandboxError(text: "process \(pid) does not stop: \(states)")
            }
            sched_yield()
        }
    }
}
