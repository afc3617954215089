// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A folder being read, name by name; its memory does not depend on how many names there are.
@safe final class Listing {
    /// What the folder says a name is; not all file systems know.
    enum Kind { case file, folder, special, unknown }

    /// The open folder, for looks at its names.
    let descriptor: Descriptor
    private let stream: OpaquePointer

    init(_ folder: consuming Descriptor) throws(SystemError) {
        let own = fcntl(folder.number, F_DUPFD_CLOEXEC, 0)
        guard own >= 0 else { throw SystemError(code: errno) }
        guard let stream = unsafe fdopendir(own) else {
            let code = errno
            _ = close(own)
            throw SystemError(code: code)
        }
        unsafe self.stream = stream
        descriptor = folder
    }

    deinit { _ = unsafe closedir(stream) }

    /// The next name, or nothing at the end.
    func next() throws(SystemError) -> (name: [UInt8], kind: Kind)? {
        errno = 0
        guard let entry = unsafe readdir(stream) else {
            if errno != 0 { throw SystemError(code: errno) }
            return nil
        }
        // The name may run beyond the tuple it is imported as; the kernel ends it with NUL.
        let start =
            unsafe UnsafeRawPointer(entry) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0)
        let length = unsafe strlen(start.assumingMemoryBound(to: CChar.self))
        let name = unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: length))
        let kind: Kind =
            switch unsafe Int(entry.pointee.d_type) {
            case Int(DT_REG): .file
            case Int(DT_DIR): .folder
            case Int(DT_UNKNOWN): .unknown
            default: .special
            }
        return (name, kind)
    }
}
