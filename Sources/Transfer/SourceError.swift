// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Jobs

/// Why a file could not be read as it was queued.
enum SourceError: Error, Hashable {
    /// There is nothing of this name.
    case vanished
    /// It is not the file that was queued any more, or changed while it was read.
    case changed
    /// It is, or is reached through, a symbolic link, or lies outside the root.
    case link
    /// It is a folder, a FIFO, a socket or a device.
    case notRegular
    /// Its permissions forbid reading.
    case unreadable
    /// The watched folder itself cannot be opened (errno).
    case rootUnusable(Int32)
    /// The process or the system has no descriptor or memory left.
    case tooManyOpen
    /// The kernel, or a filter around this process, has no openat2(2).
    case kernelTooOld
    /// The disk or the file system failed (errno).
    case input(Int32)

    /// What this means for the job of a file.
    func outcome(of file: SettledFile) -> Outcome {
        switch self {
        case .vanished: .vanished
        case .changed: .changed
        default: .failed(failure(of: file))
        }
    }

    private func failure(of file: SettledFile) -> Failure {
        let root = file.root
        let file = "\(file.name) in \(root)"
        switch self {
        case .vanished, .changed:
            return Failure(.retryFile, code: "changed", message: "\(file) is not as it was queued.")
        case .link:
            return Failure(
                .giveUp,
                code: "symlink",
                message: "\(file) is or lies behind a symbolic link; presignd reads nothing "
                    + "through links and did not upload it. Put the file itself into the folder."
            )
        case .notRegular:
            return Failure(
                .giveUp,
                code: "not-a-file",
                message: "\(file) is no regular file; it was not uploaded. "
                    + "Remove it from the folder."
            )
        case .unreadable:
            return Failure(
                .retryFile,
                code: "unreadable",
                message: "\(file) may not be read by presignd; it is tried again later. Let it: "
                    + "setfacl -m u:presignd:rX FILE, and for all files to come "
                    + "setfacl -d -m u:presignd:rX \(root)"
            )
        case .rootUnusable(let number):
            return Failure(
                .hold,
                code: "no-folder",
                message: "the watched folder \(root) cannot be opened "
                    + "(\(systemText(number))); its files wait. Mount it, or make it again."
            )
        case .tooManyOpen:
            return Failure(
                .retry,
                code: "resources",
                message: "\(file) could not be opened for want of descriptors or memory; it is "
                    + "tried again later. Raise LimitNOFILE, or lower `transfers:`."
            )
        case .kernelTooOld:
            return Failure(
                .hold,
                code: "no-openat2",
                message: "\(file) was not opened: the kernel has no openat2(2), or a container's "
                    + "filter forbids it; files wait. Use Linux 5.6 or later, or mend the filter."
            )
        case .input(let number):
            return Failure(
                .retryFile,
                code: "read-error",
                message: "\(file) could not be read (\(systemText(number))); it is tried again "
                    + "later. Check the disk."
            )
        }
    }

    private func systemText(_ number: Int32) -> String {
        unsafe strerror(number).map { unsafe String(cString: $0) } ?? "errno \(number)"
    }
}
