// SPDX-License-Identifier: Apache-2.0

import CLinux
import Foundation
import Glibc
import Testing

/// O_PATH (open(2)), which Swift does not see without _GNU_SOURCE.
private let pathOnly: Int32 = 0o10_000_000

@Suite("Opening beneath a folder")
struct OpenBeneathTests {
    private enum Way: CaseIterable { case openat2, byParts }

    @Test("finds what lies beneath, by openat2 and, where that is forbidden, part by part")
    func beneath() throws {
        try inFolder { folder in
            for way in Way.allCases {
                for path in ["file", "a/b/file", "a//b/file", "a/b", "."] {
                    #expect(open(path, in: folder, way) == 0, "\(path) \(way)")
                }
                #expect(open("a/missing", in: folder, way) == ENOENT)
                #expect(open("file/below", in: folder, way) == ENOTDIR)
            }
        }
    }

    @Test(
        "never goes through a symbolic link or out of the folder",
        arguments: [O_RDONLY, pathOnly]
    )
    func refused(flags: Int32) throws {
        try inFolder { folder in
            for way in Way.allCases {
                for path in ["link", "linked/file", "a/up"] {
                    #expect(open(path, in: folder, way, flags) == ELOOP, "\(path) \(way)")
                }
                for path in ["../outside", "/etc/passwd", ".."] {
                    #expect(open(path, in: folder, way, flags) == EXDEV, "\(path) \(way)")
                }
            }
        }
    }

    /// 0, or the error number.
    private func open(
        _ path: String,
        in folder: Int32,
        _ way: Way,
        _ flags: Int32 = O_RDONLY
    ) -> Int32 {
        let descriptor =
            switch way {
            case .openat2: unsafe cs_open_beneath(folder, path, flags | O_CLOEXEC, 0)
            case .byParts: unsafe cs_open_beneath_by_parts(folder, path, flags | O_CLOEXEC, 0)
            }
        guard descriptor >= 0 else { return errno }
        close(descriptor)
        return 0
    }

    private func inFolder(_ body: (Int32) throws -> Void) throws {
        let outer = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: outer) }
        let root = outer.appending(path: "root")
        try FileManager.default.createDirectory(
            at: root.appending(path: "a/b"),
            withIntermediateDirectories: true
        )
        for file in ["../outside", "file", "a/b/file"] {
            try Data().write(to: root.appending(path: file))
        }
        for (link, target) in [("link", "file"), ("linked", "a/b"), ("a/up", "..")] {
            try FileManager.default.createSymbolicLink(
                atPath: root.appending(path: link).path,
                withDestinationPath: target
            )
        }
        let folder = unsafe Glibc.open(root.path, pathOnly | O_DIRECTORY | O_CLOEXEC)
        defer { close(folder) }
        try body(folder)
    }
}
