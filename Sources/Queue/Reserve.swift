// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Synchronization

/// Room on the disk that is given up once the disk is full.
///
/// SQLite cannot even delete a row then, since the write-ahead log grows first. What was kept free is
/// for what is under way: its results are recorded, and nothing new is taken in.
final class Reserve: Sendable {
    private struct State {
        var isHeld = false
        var isFull = false
    }

    /// A commit writes some 50 KiB, so this is for the results of all workers many times over.
    private static let size = 4 << 20
    private let folder: String
    private var path: String { folder + "/reserve" }
    private let state = Mutex(State())
    /// Says each time that the disk is found full.
    let alarms: AsyncStream<Void>
    private let alarm: AsyncStream<Void>.Continuation

    /// Takes the room, or what is left of it from the process before.
    init(folder: String) {
        self.folder = folder
        (alarms, alarm) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let isFull = state.withLock { state in
            state.isHeld = allocate()
            state.isFull = !state.isHeld && errno == ENOSPC
            return state.isFull
        }
        if isFull { alarm.yield() }
    }

    /// Whether the disk was full and has no room for more yet.
    var isFull: Bool { state.withLock { $0.isFull } }

    /// Notes that the disk is full, and gives up the room.
    ///
    /// - Returns: Whether there was room to give up, so that trying again makes sense.
    func giveUp() -> Bool {
        defer { alarm.yield() }
        return state.withLock { state in
            state.isFull = true
            guard state.isHeld else { return false }
            state.isHeld = false
            unsafe unlink(path)
            return true
        }
    }

    /// Takes the room again once there is twice as much, so that a disk on the brink is not in and
    /// out of it.
    ///
    /// - Returns: Whether the disk has room.
    func take() -> Bool {
        state.withLock { state in
            guard state.isFull else { return true }
            var status = statvfs()
            guard unsafe statvfs(folder, &status) == 0,
                UInt64(status.f_bavail) * UInt64(status.f_frsize) >= UInt64(2 * Self.size),
                allocate()
            else { return false }
            state = State(isHeld: true)
            return true
        }
    }

    private func allocate() -> Bool {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let code = posix_fallocate(descriptor, 0, off_t(Self.size))
        guard code != 0 else { return true }
        unsafe unlink(path)
        errno = code
        return false
    }
}
