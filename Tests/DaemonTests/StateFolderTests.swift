// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Daemon

@Suite("The state folder")
struct StateFolderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("is made with those above it, and is its owner's alone")
    func modes() throws {
        let state = try StateFolder(folder["var/lib/state"])
        #expect(folder.mode("var/lib/state") == 0o700)
        #expect(folder.mode("var/lib") == 0o700)
        #expect(folder.mode("var/lib/state/lock") == 0o600)
        #expect(folder.mode("var/lib/state/.gitignore") == 0o600)
        #expect(state.path == folder["var/lib/state"])
    }

    @Test("keeps itself out of version control, and leaves another's .gitignore alone")
    func ignored() throws {
        _ = try StateFolder(folder["state"])
        #expect(folder.text("state/.gitignore") == "*\n")
        try folder.write("mine\n", to: "state/.gitignore")
        _ = try StateFolder(folder["state"])
        #expect(folder.text("state/.gitignore") == "mine\n")
    }

    @Test("has one holder at a time; the second is told who it is")
    func locked() throws {
        let first = try StateFolder(folder["state"])
        #expect(throws: StateFolderError.taken(folder["state"], pid: getpid())) {
            try StateFolder(folder["state"])
        }
        let text = StateFolderError.taken(folder["state"], pid: 42).description
        #expect(text.contains(folder["state"]) && text.contains("process 42"))
        #expect(text.contains("stop that one"))
        withExtendedLifetime(first) {}
    }

    @Test("is free again once its holder lets go, whatever the lock file says")
    func freed() throws {
        var first: StateFolder? = try StateFolder(folder["state"])
        #expect(first != nil)
        first = nil
        try folder.write("99999999999999999999", to: "state/lock")
        let second = try StateFolder(folder["state"])
        #expect(folder.text("state/lock") == "\(getpid())\n")
        withExtendedLifetime(second) {}
    }

    @Test("is free again though a process that is being forked still has the descriptor")
    func freedDespiteCopy() throws {
        var first: StateFolder? = try StateFolder(folder["state"])
        #expect(first != nil)
        // What fork(2) leaves in the child until exec(2): the same open file under another number.
        let path = unsafe realpath(folder["state/lock"], nil)
        defer { unsafe free(path) }
        let copy = try #require(
            (3..<1_024).first { descriptor in
                var target = [CChar](repeating: 0, count: 4_096)
                let link = "/proc/self/fd/\(descriptor)"
                guard unsafe readlink(link, &target, 4_095) > 0, let path = unsafe path else {
                    return false
                }
                return unsafe strcmp(target, path) == 0
            }.map { dup(Int32($0)) }
        )
        defer { close(copy) }
        first = nil
        let second = try StateFolder(folder["state"])
        withExtendedLifetime(second) {}
    }

    @Test("is refused, with the cure, where it cannot be made")
    func unusable() throws {
        try folder.write("", to: "file")
        #expect(throws: StateFolderError.unusable(folder["file/state"], errno: ENOTDIR)) {
            try StateFolder(folder["file/state"])
        }
        #expect(throws: StateFolderError.unusable(folder["file/.gitignore"], errno: ENOTDIR)) {
            try StateFolder(folder["file"])
        }
        let text = StateFolderError.unusable("/nowhere/state", errno: EACCES).description
        #expect(
            text == "/nowhere/state: Permission denied; presignd must be able to write there: "
                + "mend its owner and mode, or set another `state:` folder"
        )
    }

    @Test("says where its socket and a store's keys are")
    func places() {
        #expect(StateFolder.socket(in: "/s") == "/s/control.sock")
        let keys = StateFolder.credentials(ofStore: "local", in: "/s")
        #expect(keys == "/s/stores/local.credentials")
    }

    @Test("on a network file system is refused with the cure")
    func network() {
        let text = StateFolderError.onNetwork("/mnt/state").description
        #expect(text.contains("/mnt/state") && text.contains("local disk"))
    }
}
