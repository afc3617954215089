// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// One open folder of cards; closed when released.
///
/// Every name is opened beneath an open folder and never through a link, so nothing that somebody
/// puts there leads out of it.
final class CardFolder {
    /// What stands under a name.
    enum Found {
        case nothing
        case card(CardMark)
        case foreign
    }

    private let descriptor: Int32

    /// Opens the folder of cards itself.
    init(path: String) throws(SystemProblem) {
        descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { throw SystemProblem(number: errno) }
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Opens a folder in this one, and makes it where it is missing and wanted.
    ///
    /// - Returns: Nothing when it is missing and not wanted.
    func folder(_ name: [UInt8], making: Bool) throws(SystemProblem) -> CardFolder? {
        let text = Self.text(name)
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        var opened = unsafe cs_open_beneath(descriptor, text, flags, 0)
        var isNew = false
        if opened < 0, errno == ENOENT {
            guard making else { return nil }
            isNew = unsafe mkdirat(descriptor, text, 0o750) == 0
            guard isNew || errno == EEXIST else { throw SystemProblem(number: errno) }
            opened = unsafe cs_open_beneath(descriptor, text, flags, 0)
        }
        guard opened >= 0 else { throw SystemProblem(number: errno) }
        let folder = CardFolder(descriptor: opened)
        if isNew {
            try folder.letReadersIn()
            try sync()
        }
        return folder
    }

    /// Gives a new folder the mode of the folder of cards: the umask of the service would leave readers
    /// of the cards outside.
    private func letReadersIn() throws(SystemProblem) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0,
            // Whose group its files get is the administrator's to say.
            fchmod(descriptor, status.st_mode & S_ISGID | 0o750) == 0
        else { throw SystemProblem(number: errno) }
    }

    /// Looks what stands under a name.
    func look(_ name: [UInt8]) throws(SystemProblem) -> Found {
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let file = unsafe cs_open_beneath(descriptor, Self.text(name), flags, 0)
        guard file >= 0 else {
            if errno == ENOENT { return .nothing }
            if errno == ELOOP { return .foreign }
            throw SystemProblem(number: errno)
        }
        defer { close(file) }
        var front = [UInt8](repeating: 0, count: 8_192)
        let count = unsafe read(file, &front, front.count)
        return CardMark(front: Array(front.prefix(max(count, 0)))).map { .card($0) } ?? .foreign
    }

    /// Puts a file under a name: whole, or not at all, over a power cut too.
    func put(_ bytes: [UInt8], under name: [UInt8]) throws(SystemProblem) {
        let temporary = Self.text(CardName.temporary)
        // What a crash left; only one card is written at a time.
        unsafe unlinkat(descriptor, temporary, 0)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        let file = unsafe cs_open_beneath(descriptor, temporary, flags, 0o640)
        guard file >= 0 else { throw SystemProblem(number: errno) }
        defer { close(file) }
        var number = ManifestFile.write(bytes, to: file) ?? 0
        // The umask of the service would leave readers of the cards outside.
        if number == 0, fchmod(file, 0o640) != 0 || fsync(file) != 0 { number = errno }
        if number == 0,
            unsafe renameat(descriptor, temporary, descriptor, Self.text(name)) != 0
        {
            number = errno
        }
        guard number == 0 else {
            unsafe unlinkat(descriptor, temporary, 0)
            throw SystemProblem(number: number)
        }
        try sync()
    }

    /// Takes a file away; nothing happens when it is not there.
    func remove(_ name: [UInt8]) throws(SystemProblem) {
        guard unsafe unlinkat(descriptor, Self.text(name), 0) == 0 || errno == ENOENT else {
            throw SystemProblem(number: errno)
        }
        try sync()
    }

    private func sync() throws(SystemProblem) {
        guard fsync(descriptor) == 0 else { throw SystemProblem(number: errno) }
    }

    private static func text(_ name: [UInt8]) -> [CChar] {
        name.map { CChar(bitPattern: $0) } + [0]
    }
}

/// A system call that failed.
struct SystemProblem: Error {
    var number: Int32

    var reason: String { unsafe String(cString: strerror(number)) }
}
