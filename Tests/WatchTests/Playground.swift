// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

@testable import Watch

/// A folder of its own for one test, with system calls by byte names; removed afterwards.
final class Playground: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/watch-test-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw SystemError(code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(FileName(path).bytes) }

    func full(_ name: FileName) -> [CChar] {
        (Array(path.utf8) + [0x2f] + name.bytes + [0]).map { CChar(bitPattern: $0) }
    }

    func makeFolder(_ name: String) throws {
        try check(unsafe mkdir(full(FileName(name)), 0o755))
    }

    /// Opens a file for writing and leaves it open.
    func open(_ name: FileName) throws -> Int32 {
        let file = unsafe Glibc.open(full(name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        try check(file)
        return file
    }

    func write(_ text: String = "content", to name: FileName) throws {
        let file = try open(name)
        try append(text, to: file)
        try check(close(file))
    }

    func write(_ text: String = "content", to name: String) throws {
        try write(text, to: FileName(name))
    }

    func append(_ text: String, to file: Int32) throws {
        let bytes = Array(text.utf8)
        try check(Int32(unsafe Glibc.write(file, bytes, bytes.count)))
    }

    func move(_ name: String, to other: String) throws {
        try check(unsafe rename(full(FileName(name)), full(FileName(other))))
    }

    func link(_ name: String, to target: String) throws {
        try check(unsafe symlink(target, full(FileName(name))))
    }

    func makeFIFO(_ name: String) throws { try check(unsafe mkfifo(full(FileName(name)), 0o644)) }

    func makeSocket(_ name: String) throws {
        try check(unsafe mknod(full(FileName(name)), S_IFSOCK | 0o644, 0))
    }

    /// Makes a device node where that is allowed.
    func makeDevice(_ name: String) -> Bool {
        unsafe mknod(full(FileName(name)), S_IFCHR | 0o666, 1 << 8 | 3) == 0
    }

    func remove(_ name: String) { Self.remove(Array("\(path)/\(name)".utf8)) }

    func stamp(of name: String) throws -> FileStamp {
        try Descriptor.folder(at: path).status(of: Array(name.utf8)).stamp
    }

    private func check(_ answer: Int32) throws {
        if answer < 0 { throw SystemError(code: errno) }
    }

    private static func remove(_ path: [UInt8]) {
        let name = path.map { CChar(bitPattern: $0) } + [0]
        if unsafe unlink(name) == 0 { return }
        let folder = unsafe Glibc.open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0, let listing = try? Listing(Descriptor(owning: folder)) else { return }
        while let entry = try? listing.next() {
            if entry.name == [0x2e] || entry.name == [0x2e, 0x2e] { continue }
            remove(path + [0x2f] + entry.name)
        }
        _ = unsafe rmdir(name)
    }
}

/// A watcher on a playground, and what it has reported so far.
final class Watching {
    let watcher: FolderWatcher
    private(set) var settled: [Settled] = []
    private(set) var warnings: [String] = []
    private var reports: [Report] = []

    init(_ options: WatchOptions = WatchOptions()) throws {
        watcher = try FolderWatcher(options, now: wallClock)
    }

    deinit { watcher.stop() }

    func watch(
        _ root: String,
        ready: Ready = .settle,
        settle: Span? = .milliseconds(50),
        watching: WatchSettings = WatchSettings(),
        known: WatchedFolder.Known? = nil
    ) {
        watcher.watch(
            WatchedFolder(
                template: "inbox",
                root: root,
                ready: ready,
                settle: settle,
                watching: watching,
                known: known
            )
        )
    }

    /// Watches and waits until the start scan has ended.
    func watchAndScan(_ root: String, ready: Ready = .settle) async throws {
        watch(root, ready: ready)
        try await wait { $0.isScan }
    }

    /// Waits for a report of this kind, and takes it off the list.
    @discardableResult
    func wait(for wanted: (Report) -> Bool) async throws -> Report {
        while true {
            if let index = reports.firstIndex(where: wanted) { return reports.remove(at: index) }
            try await gather()
        }
    }

    /// Waits until a file is among those reported, and returns all of them.
    @discardableResult
    func settled(until last: String) async throws -> [Settled] {
        while !settled.contains(where: { $0.file.name == FileName(last) }) { try await gather() }
        return settled
    }

    /// Waits until so many files were reported.
    func settled(_ count: Int) async throws -> [Settled] {
        while settled.count < count { try await gather() }
        return settled
    }

    /// Waits until so many different files, or states of a file, were reported.
    ///
    /// A file that settles by its events while the listing of its new folder still waits its turn
    /// is told twice, with one stamp: whoever keeps stamps takes the second for nothing.
    func settled(distinct count: Int) async throws -> Set<SettledFile> {
        var files = Set(settled.map(\.file))
        while files.count < count {
            let before = settled.count
            try await gather()
            files.formUnion(settled[before...].map(\.file))
        }
        return files
    }

    /// Waits until a name has this status.
    func wait(for name: String, toBe wanted: (WatchStatus) -> Bool) async throws {
        while await !wanted(watcher.status(of: FileName(name), template: "inbox")) {
            try Task.checkCancellation()
        }
    }

    /// Takes up the next batch of reports.
    func gather() async throws {
        guard let batch = await watcher.next() else { throw CancellationError() }
        for report in batch {
            switch report {
            case .settled(let files): settled += files
            case .warning(_, let text): warnings.append(text)
            default: reports.append(report)
            }
        }
    }

    func forget() { settled = [] }
}

extension Report {
    var isScan: Bool { if case .scanned = self { true } else { false } }
    var isAvailable: Bool { if case .available = self { true } else { false } }
    var isUnavailable: Bool { if case .unavailable = self { true } else { false } }
    var isOverflow: Bool { if case .overflowed = self { true } else { false } }
}

extension WatchStatus {
    var isSettling: Bool { if case .settling = self { true } else { false } }
}

extension [Settled] {
    var names: [String] { map { $0.file.name.description }.sorted() }
}

@Sendable func wallClock() -> Timestamp {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return Timestamp(seconds: Int64(now.tv_sec), nanoseconds: Int64(now.tv_nsec))
}
