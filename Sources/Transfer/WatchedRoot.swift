// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Jobs

/// `O_PATH` of <fcntl.h>, which Swift's Glibc module leaves out: opens without the right to read.
private let pathOnly: Int32 = 0o10_000_000

/// A folder that is held open, so that nothing outside it can be reached by a name.
///
/// It is opened anew for each upload (2 µs): a folder held for longer would keep its file system
/// from being unmounted, and would miss one that is mounted over it.
struct WatchedRoot: ~Copyable {
    private let descriptor: Int32

    /// Opens a root by its absolute path; only here does a path go to the kernel.
    init(path: String) throws(SourceError) {
        descriptor = unsafe Glibc.open(path, pathOnly | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .rootUnusable(errno) }
    }

    deinit { close(descriptor) }

    /// Opens a file beneath this folder, never through a symbolic link and never outside.
    ///
    /// `O_NONBLOCK`, because opening a FIFO would otherwise wait for its writer.
    func open(_ name: FileName) throws(SourceError) -> SourceFile {
        guard !name.bytes.isEmpty, !name.bytes.contains(0) else { throw .vanished }
        let flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY
        let path = name.bytes.map { CChar(bitPattern: $0) } + [0]
        let file = unsafe cs_open_beneath(descriptor, path, flags, 0)
        guard file < 0 else { return try SourceFile(descriptor: file) }
        switch errno {
        case ENOENT, ENOTDIR: throw .vanished
        case ELOOP, EXDEV: throw .link
        case EACCES, EPERM: throw .unreadable
        case ENXIO, ENODEV: throw .notRegular
        case EMFILE, ENFILE, ENOMEM: throw .tooManyOpen
        case ENOSYS: throw .kernelTooOld
        default: throw .input(errno)
        }
    }

    /// Whether there is still something of this name; used to tell a removed file from a changed one.
    func has(_ name: FileName) -> Bool {
        do {
            _ = try open(name)
            return true
        } catch SourceError.vanished {
            return false
        } catch {
            return true
        }
    }
}
