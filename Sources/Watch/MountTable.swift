// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The kernel's word that something was mounted or unmounted, anywhere this process can see.
///
/// inotify tells nothing of a mount that hides a watched folder; this does (proc_pid_mountinfo(5):
/// a change makes the open file ready for POLLPRI, once).
final class MountTable {
    private let descriptor: Descriptor

    /// Opens the table; nothing where there is no /proc.
    init?() {
        let number = unsafe open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return nil }
        descriptor = Descriptor(owning: number)
    }

    /// What to wait for in poll(2); waiting also says that the changes before were seen.
    var wait: pollfd { pollfd(fd: descriptor.number, events: Int16(POLLPRI), revents: 0) }
}
