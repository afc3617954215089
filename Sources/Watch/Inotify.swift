// SPDX-License-Identifier: Apache-2.0

import Glibc

/// One inotify instance: watches on folders, and the events they bring.
@safe final class Inotify {
    /// One event, as read.
    struct Event {
        var watch: Int32
        var mask: UInt32
        var cookie: UInt32
        /// The name inside the folder; empty for the folder itself.
        var name: [UInt8]

        func has(_ flag: some BinaryInteger) -> Bool { mask & UInt32(flag) != 0 }
    }

    /// Made, closed after writing, moved in and out.
    ///
    /// IN_MODIFY is left out on purpose: a writer at
    /// full speed would send one per call, and a look sees the change in the stamp anyway.
    private static let events =
        IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_ONLYDIR | IN_EXCL_UNLINK
    private static let ofRoot = IN_DELETE_SELF | IN_MOVE_SELF
    /// What else tells of a file that is taken away; `rm -r` sends one for each.
    private static let removals = IN_DELETE
    private static let bufferSize = 64 * 1_024

    let descriptor: Descriptor
    private let tellsRemovals: Bool
    private let buffer: UnsafeMutableRawBufferPointer

    init(tellsRemovals: Bool = false) throws(SystemError) {
        let number = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard number >= 0 else { throw SystemError(code: errno) }
        descriptor = Descriptor(owning: number)
        self.tellsRemovals = tellsRemovals
        unsafe buffer = .allocate(byteCount: Self.bufferSize, alignment: 8)
    }

    deinit { unsafe buffer.deallocate() }

    /// Watches an open folder; the same folder always has the same watch.
    ///
    /// By way of /proc and not by its path, so that a name swapped for a link meanwhile leads nowhere
    /// else. Throws ENOSPC when fs.inotify.max_user_watches is used up.
    func watch(_ folder: borrowing Descriptor, isRoot: Bool) throws(SystemError) -> Int32 {
        let more = (isRoot ? Self.ofRoot : 0) | (tellsRemovals ? Self.removals : 0)
        let mask = UInt32(Self.events | more)
        let path = "/proc/self/fd/\(folder.number)"
        let watch = unsafe inotify_add_watch(descriptor.number, path, mask)
        guard watch >= 0 else { throw SystemError(code: errno) }
        return watch
    }

    /// Drops a watch; one that the kernel has dropped already is no error.
    func drop(_ watch: Int32) { _ = inotify_rm_watch(descriptor.number, watch) }

    /// Reads what has happened, one buffer full; false when there is nothing more.
    func read(_ body: (Event) -> Void) throws(SystemError) -> Bool {
        var length = -1
        repeat {
            unsafe length = Glibc.read(descriptor.number, buffer.baseAddress, buffer.count)
        } while length < 0 && errno == EINTR
        guard length > 0 else {
            if length == 0 || errno == EAGAIN { return false }
            throw SystemError(code: errno)
        }
        var offset = 0
        let header = MemoryLayout<inotify_event>.size
        while offset + header <= length {
            let event = unsafe buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let end = offset + header + Int(event.len)
            let padded = unsafe buffer[(offset + header)..<end]
            body(
                Event(
                    watch: event.wd,
                    mask: event.mask,
                    cookie: event.cookie,
                    name: unsafe Array(padded.prefix { $0 != 0 })
                )
            )
            offset = end
        }
        return true
    }
}
