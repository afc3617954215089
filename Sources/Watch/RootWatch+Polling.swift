// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

extension RootWatch {
    private static let sliceLength = 512
    /// Time stamps of folders this young may yet be given to another change (2 s on FAT).
    private static let coarsest = Span.seconds(2)

    /// How often what cannot be watched is looked through, in words.
    var pollText: String { "every \(max(folder.watching.pollInterval.seconds, 1)) s" }

    /// Begins to look through what cannot be watched, if that is due.
    func pollUnwatched(_ time: Time) {
        guard !folders.unwatched.isEmpty, !scan.isBusy, quickLeft.isEmpty,
            let kind = poll.begin(at: time.uptime)
        else { return }
        startInotify(time)
        mayWatchMore = true
        switch kind {
        case .full:
            for id in folders.topmostUnwatched {
                scan.push(id, scan.hasEnded ? .rescan : .startScan)
            }
        case .quick: quickLeft = Array(folders.unwatched)
        }
    }

    /// Goes on with a look that is under way, beside the scan that it may have ordered.
    func pollSlice(_ time: Time) {
        guard poll.isRunning else { return }
        let start = Self.uptime
        for _ in 0..<min(quickLeft.count, Self.sliceLength) {
            if let id = quickLeft.popLast() { lookQuickly(id, time) }
        }
        poll.spend(Self.uptime - start)
        if quickLeft.isEmpty, !scan.isBusy { poll.end(at: time.uptime) }
    }

    /// Lists a folder if it has changed since it was listed.
    private func lookQuickly(_ id: FolderID, _ time: Time) {
        guard let known = folders[id], known.watch == nil else { return }
        do throws(SystemError) {
            let around = try self.open?.open(id, of: folders)
            guard let around else { return }
            let status = try around.descriptor.status()
            if mayWatchMore { watch(id, around.descriptor, time) }
            let isWatched = folders[id]?.watch != nil
            guard isWatched || known.digest == 0 || known.digest != status.folderDigest else {
                return
            }
            scan.push(id, .rescan, isDeep: false)
        } catch {
            if error.code == ESTALE { checkAt = .zero }
            // What is gone, a look at the folder around it tells; what cannot be read, nothing does.
            folders.update(id) { $0.digest = 0 }
        }
    }

    /// Notes what a later change of a folder will show in, as it is about to be listed.
    func noteDigest(_ id: FolderID, _ descriptor: borrowing Descriptor, _ time: Time) {
        guard folders[id]?.watch == nil else { return }
        var digest: UInt64 = 0
        do throws(SystemError) {
            let status = try descriptor.status()
            let stamp = status.stamp
            if max(stamp.modified, stamp.changed) < time.now - Self.coarsest {
                digest = status.folderDigest
            }
        } catch {
            // It is listed again, then.
        }
        folders.update(id) { $0.digest = digest }
    }

    /// The name of the file system that an open folder lies on, if others change it too.
    func remoteName(of descriptor: borrowing Descriptor) -> String? {
        do throws(SystemError) {
            let device = UInt64(try descriptor.status().st_dev)
            if let known = devices[device] { return known.isEmpty ? nil : known }
            let name = options.remoteName(FileSystem.magic(of: descriptor))
            devices[device] = name ?? ""
            return name
        } catch {
            return nil
        }
    }

    /// Notes where a folder lies, and tells if inotify is blind there.
    func noteGround(of id: FolderID, _ descriptor: borrowing Descriptor) {
        let name = remoteName(of: descriptor)
        if (name != nil) != (folders[id]?.isRemote ?? false) {
            folders.update(id) { $0.isRemote = name != nil }
        }
        guard folder.watching.mode == .auto, let name, polled[name] == nil else { return }
        let place = shown(folders.name(of: id) ?? FileName(bytes: []))
        polled[name] =
            "\(place) is polled \(pollText): it is on \(name), where inotify tells nothing of what "
            + "other machines write"
        report(.polling(template: folder.template, text: polled[name] ?? ""))
    }

    /// Whether a folder is to be polled and not watched.
    func isPolled(_ descriptor: borrowing Descriptor) -> Bool {
        switch folder.watching.mode {
        case .poll: true
        case .inotify: false
        case .auto: remoteName(of: descriptor) != nil
        }
    }

    /// What of this root is polled and why, for people.
    var notes: [String] {
        guard absence == nil, open != nil else { return [] }
        if folder.watching.mode == .poll {
            return ["\(folder.root) is polled \(pollText) (watch_mode: poll)"]
        }
        var notes = polled.values.sorted()
        let others = folders.unwatched.count { folders[$0]?.isRemote == false }
        if others > 0 {
            notes.append(
                "\(others) folders beneath \(folder.root) cannot be watched and are polled "
                    + "\(pollText); the log says why"
            )
        }
        return notes
    }

    static var uptime: Span {
        var now = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &now)
        return Span(nanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
    }
}

extension stat {
    /// What changes whenever a name comes to a folder or goes; never 0.
    fileprivate var folderDigest: UInt64 {
        let stamp = stamp
        let mixed = UInt64(bitPattern: stamp.modified.nanoseconds) &* 0x9e37_79b9_7f4a_7c15
        return (mixed ^ UInt64(bitPattern: stamp.changed.nanoseconds) &+ stamp.inode) | 1
    }
}
