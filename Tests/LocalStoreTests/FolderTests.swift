// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Logging
import Testing

@testable import LocalStore

@Suite("The folder of an embedded store", .timeLimit(.minutes(3)))
struct FolderTests {
    private static func open(
        _ folder: TemporaryFolder,
        port: Int = 0,
        log: LogLines = LogLines()
    ) throws(LocalStoreError) -> LocalStore {
        try LocalStore.open(
            LocalStoreSettings(folder: "\(folder.path)/objects", port: port),
            name: "local",
            credentialsFile: "\(folder.path)/state/stores/local.credentials",
            now: { Timestamp(seconds: 0) },
            logger: Logger(label: "test") { _ in log.handler }
        )
    }

    private static func mode(_ path: String) -> mode_t {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test("is for its owner only, and so is the access key")
    func modes() async throws {
        let folder = try TemporaryFolder()
        try await RunningStore.serve(in: folder) { store in
            try await store.ask(.put, ObjectKey("k"), body: [1])
        }
        let place = ObjectFolder.place(of: ObjectKey("k"))
        for path in ["objects", "objects/objects", "objects/incoming", "state", "state/stores"] {
            #expect(Self.mode("\(folder.path)/\(path)") == 0o700)
        }
        for path in ["objects/objects/\(place)", "objects/lock", "state/stores/local.credentials"] {
            #expect(Self.mode("\(folder.path)/\(path)") == 0o600)
        }
    }

    @Test("says so when one of folder and key was there before and the other was not")
    func halves() throws {
        let folder = try TemporaryFolder()
        let log = LogLines()
        for _ in 1...2 { _ = try Self.open(folder, log: log) }
        #expect(!log.text.contains("missing"))
        unsafe remove("\(folder.path)/state/stores/local.credentials")
        _ = try Self.open(folder, log: log)
        #expect(log.text.contains("links made before do not work any more"))
        unsafe rename("\(folder.path)/objects", "\(folder.path)/elsewhere")
        _ = try Self.open(folder, log: log)
        #expect(log.text.contains("links made before find nothing"))
    }

    @Test("takes an empty folder for a missing one: somebody made it, or a mount is missing")
    func emptyFolder() throws {
        let folder = try TemporaryFolder()
        let log = LogLines()
        unsafe mkdir("\(folder.path)/objects", 0o755)
        _ = try Self.open(folder, log: log)
        #expect(!log.text.contains("missing"))
        unsafe rename("\(folder.path)/objects", "\(folder.path)/elsewhere")
        unsafe mkdir("\(folder.path)/objects", 0o755)
        _ = try Self.open(folder, log: log)
        #expect(log.text.contains("links made before find nothing"))
    }

    @Test("keeps its objects and its access key over a restart")
    func restart() async throws {
        let folder = try TemporaryFolder()
        let first = try Self.open(folder).accessKey
        #expect(first.id.hasPrefix("PRESIGND"))
        #expect(first.id.utf8.count == 20)
        #expect(first.secret.reveal().utf8.count == 40)
        try await RunningStore.serve(in: folder) { store in
            #expect(store.key == first)
            try await store.ask(.put, ObjectKey("k"), body: [1, 2, 3])
        }
        try await RunningStore.serve(in: folder) { store in
            #expect(store.key == first)
            let got = try await store.ask(.get, ObjectKey("k"))
            #expect(got.body == [1, 2, 3])
        }
        #expect(try Self.open(TemporaryFolder()).accessKey != first)
    }

    @Test("loses what a crash left of uploads, and nothing else")
    func leftovers() async throws {
        let folder = try TemporaryFolder()
        try await RunningStore.serve(in: folder) { store in
            try await store.ask(.put, ObjectKey("k"), body: [1])
        }
        for name in ["1-1", "99-12"] {
            _ = try OpenFile("\(folder.path)/objects/incoming/\(name)", flags: O_CREAT | O_WRONLY)
        }
        try await RunningStore.serve(in: folder) { store in
            let incoming = try OpenFile("\(store.folder)/incoming", flags: O_RDONLY)
            #expect(try PrivateFolder.names(in: incoming, path: "").isEmpty)
            #expect(try await store.ask(.get, ObjectKey("k")).body == [1])
        }
    }

    @Test("shows a damaged file as an error, never as an object")
    func damage() async throws {
        let folder = try TemporaryFolder()
        try await RunningStore.serve(in: folder) { store in
            try await store.ask(.put, ObjectKey("k"), body: [1, 2, 3])
            let path = "\(store.folder)/objects/\(ObjectFolder.place(of: ObjectKey("k")))"
            var status = stat()
            #expect(unsafe stat(path, &status) == 0)
            #expect(unsafe truncate(path, status.st_size - 1) == 0)
            let got = try await store.ask(.get, ObjectKey("k"))
            #expect(got.status == 500)
            #expect(got.code == "InternalError")
            #expect(try await store.ask(.put, ObjectKey("k"), body: [4]).status == 200)
            #expect(try await store.ask(.get, ObjectKey("k")).body == [4])
        }
    }

    @Test("belongs to one store at a time")
    func lock() throws {
        let folder = try TemporaryFolder()
        let first = try Self.open(folder)
        #expect(throws: LocalStoreError.folderInUse(path: "\(folder.path)/objects")) {
            try Self.open(folder)
        }
        withExtendedLifetime(first) {}
    }

    @Test("holds no more than max_size, counted anew at each start")
    func quota() async throws {
        let folder = try TemporaryFolder()
        let body = [UInt8](repeating: 1, count: 40_000)
        for round in 0..<2 {
            try await RunningStore.serve(in: folder, maxSize: 100_000) { store in
                if round == 0 {
                    #expect(
                        try await store.askOnceCounted(.put, ObjectKey("a"), body).status == 200
                    )
                }
                let full = try await store.askOnceCounted(.put, ObjectKey("b"), body + body)
                #expect(full.status == 507)
                #expect(full.code == "QuotaExceeded")
                #expect(full.text.contains("max_size"))
                #expect(try await store.ask(.head, ObjectKey("b")).status == 404)
            }
        }
        try await RunningStore.serve(in: folder, maxSize: 100_000) { store in
            let deleted = try await store.askOnceCounted(.delete, ObjectKey("a"), [])
            #expect(deleted.status == 204)
            #expect(try await store.ask(.put, ObjectKey("b"), body: body + body).status == 200)
        }
    }

    @Test("on a full disk refuses with a clear message")
    func fullDisk() {
        for code in [ENOSPC, EDQUOT] {
            let refusal = Refusal(FileProblem(operation: "write", path: "/x", code: code))
            #expect(refusal.code == .insufficientStorage)
            #expect(refusal.code.status == 507)
            #expect(!refusal.message.contains("/x"))
        }
    }

    @Test("whose access key others may read, or that holds none, is not served")
    func badCredentials() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/state/stores/local.credentials"
        _ = try Self.open(folder)
        #expect(unsafe chmod(path, 0o640) == 0)
        let error = #expect(throws: LocalStoreError.self) { try Self.open(folder) }
        #expect(error?.description.contains("chmod 600") == true)
        #expect(unsafe chmod(path, 0o600) == 0)
        #expect(unsafe truncate(path, 12) == 0)
        let empty = #expect(throws: LocalStoreError.self) { try Self.open(folder) }
        #expect(empty?.description.contains("[default]") == true)
    }

    @Test("cannot be made where a file is in the way, and says so")
    func fileInTheWay() throws {
        let folder = try TemporaryFolder()
        _ = try OpenFile("\(folder.path)/objects", flags: O_CREAT | O_WRONLY)
        let error = #expect(throws: LocalStoreError.self) { try Self.open(folder) }
        #expect(error?.description.contains("\(folder.path)/objects/lock") == true)
    }

    @Test("whose port is taken says which, and what to do")
    func portTaken() async throws {
        let other = try TemporaryFolder()
        try await RunningStore.serve(in: TemporaryFolder()) { running in
            let store = try Self.open(other, port: running.port)
            let error = await #expect(throws: LocalStoreError.self) { try await store.run { _ in } }
            #expect(error == .portTaken(host: "127.0.0.1", port: running.port))
            #expect(error?.description.contains("is taken by another program") == true)
        }
    }
}

extension RunningStore {
    /// Asks again while the store is still adding up its objects after the start.
    func askOnceCounted(
        _ method: HTTPMethod,
        _ key: ObjectKey,
        _ body: [UInt8]
    ) async throws -> Reply {
        while true {
            let reply = try await ask(method, key, body: body)
            if reply.status != 503 { return reply }
        }
    }
}
