// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Jobs

/// Whether the process before this one crashed, and the note of it if this one does.
///
/// A crash is what a fault in this program does, or a file that brings one out; being killed, or a
/// power cut, says nothing of the files that were under way, so it leaves no note. The file is
/// `crash` in the state folder; it is empty while all is well.
struct CrashRecord {
    /// The signal that ended the process before this one, if that was a crash.
    let signal: Int32?

    /// Reads the note of the process before, and has this one leave its own.
    ///
    /// - Parameter folder: The state folder; this process has its lock.
    /// - Throws: `StateFolderError` when the file cannot be written.
    init(in folder: String) throws(StateFolderError) {
        let path = folder + "/crash"
        // Never closed: the handler needs it to the end.
        let file = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .unusable(path, errno: errno) }
        var text = [UInt8](repeating: 0, count: 16)
        let count = unsafe text.withUnsafeMutableBytes {
            unsafe pread(file, $0.baseAddress, $0.count, 0)
        }
        let digits = text.prefix(max(count, 0)).prefix { $0.isASCIIDigit }
        signal = Int32(String(decoding: digits, as: UTF8.self))
        guard ftruncate(file, 0) == 0, cs_record_crash(file) == 0 else {
            throw .unusable(path, errno: errno)
        }
    }
}
