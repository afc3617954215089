// SPDX-License-Identifier: Apache-2.0
import Glibc
import Jobs

@testable import Transfer

/// A watched folder of its own, removed at the end.
final class Inbox: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/presignd-inbox-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } == true
        }
        precondition(made, "no folder for the test")
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(Array(path.utf8)) }

    /// Writes a file whose content last changed long ago, or else now: a clock tick is too coarse to
    /// tell two moments of one test apart.
    @discardableResult
    func write(_ name: FileName, _ bytes: [UInt8], changedNow: Bool = false) -> SettledFile {
        let path = cPath(name)
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe Glibc.write(file, buffer.baseAddress, buffer.count)
            }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        let old = [timespec(tv_sec: 1_000, tv_nsec: 5), timespec(tv_sec: 1_000, tv_nsec: 5)]
        if !changedNow { _ = unsafe futimens(file, old) }
        close(file)
        return settled(name)
    }

    /// What the kernel says of a name; it need not be a file that may be uploaded.
    func settled(_ name: FileName) -> SettledFile {
        var status = stat()
        _ = unsafe lstat(cPath(name), &status)
        let stamp = FileStamp(
            size: Int64(status.st_size),
            modified: Timestamp(
                seconds: Int64(status.st_mtim.tv_sec),
                nanoseconds: Int64(status.st_mtim.tv_nsec)
            ),
            changed: Timestamp(
                seconds: Int64(status.st_ctim.tv_sec),
                nanoseconds: Int64(status.st_ctim.tv_nsec)
            ),
            inode: UInt64(status.st_ino)
        )
        return SettledFile(root: path, name: name, stamp: stamp)
    }

    func remove(_ name: FileName) { _ = unsafe unlink(cPath(name)) }

    func cut(_ name: FileName, to length: Int) { _ = unsafe truncate(cPath(name), length) }

    func link(_ name: FileName, to target: String) { _ = unsafe symlink(target, cPath(name)) }

    func addName(_ name: FileName, to other: FileName) {
        _ = unsafe Glibc.link(cPath(other), cPath(name))
    }

    /// Makes a socket, or a device where that is allowed.
    @discardableResult
    func node(_ name: FileName, _ mode: mode_t, _ device: dev_t = 0) -> Bool {
        unsafe mknod(cPath(name), mode, device) == 0
    }

    func pipe(_ name: FileName) { _ = unsafe mkfifo(cPath(name), 0o600) }

    func folder(_ name: FileName) { _ = unsafe mkdir(cPath(name), 0o700) }

    func move(_ name: FileName, over other: FileName) {
        _ = unsafe rename(cPath(name), cPath(other))
    }

    private func cPath(_ name: FileName) -> [CChar] {
        (Array(path.utf8) + [0x2f] + name.bytes + [0]).map { CChar(bitPattern: $0) }
    }

    private static func remove(_ path: [UInt8]) {
        let name = (path + [0]).map { CChar(bitPattern: $0) }
        // Never into a folder that a link leads to.
        if unsafe unlink(name) == 0 { return }
        if let folder = unsafe opendir(name) {
            while let entry = unsafe readdir(folder) {
                let part = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    unsafe Array(bytes.prefix { $0 != 0 })
                }
                if part == [0x2e] || part == [0x2e, 0x2e] { continue }
                remove(path + [0x2f] + part)
            }
            unsafe closedir(folder)
        }
        _ = unsafe rmdir(name)
    }
}
