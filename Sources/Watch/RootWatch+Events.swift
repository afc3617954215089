// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

extension RootWatch {
    /// Reads and takes up what has happened, up to a megabyte of it.
    func readEvents(_ time: Time) {
        guard let inotify else { return }
        do throws(SystemError) {
            var count = 0
            for _ in 0..<16 {
                guard try inotify.read({ self.handle($0, time) }) else {
                    dropLeft()
                    break
                }
                count += 1
            }
            if count > 0 { pace.haveRead(at: time.uptime) }
        } catch {
            // Not known to happen; a new instance and a scan make good whatever it was.
            warn(.instances, time, "events of \(folder.root) could not be read (\(error))")
            self.inotify = nil
            for id in folders.all { folders.setWatch(nil, of: id) }
            startInotify(time)
            orderScan()
        }
    }

    private func handle(_ event: Inotify.Event, _ time: Time) {
        if event.has(IN_Q_OVERFLOW) {
            // "I know nothing" (watchdog#654, golang/go#16392).
            report(.overflowed(template: folder.template))
            orderScan()
            return
        }
        guard let id = folders.folder(watchedBy: event.watch) else { return }
        if event.has(IN_IGNORED) {
            watchEnded(id)
        } else if event.has(IN_DELETE_SELF) || event.has(IN_MOVE_SELF) || event.has(IN_UNMOUNT) {
            if id == FolderTable.root {
                checkAt = .zero
            } else if let parent = folders[id]?.parent {
                // A file system below the root was unmounted: what it hid is to be seen.
                scan.push(parent, .rescan)
            }
        } else if isAboutRules(event, in: id) {
            readIgnoreFile(time)
        } else if let file = rules.fileOfSidecar(event.name[...]), !event.has(IN_ISDIR) {
            guard !event.has(IN_MOVED_FROM), !event.has(IN_DELETE) else { return }
            table.note(.closed, at: SettleTable.Place(folder: id, name: file), now: time.now)
        } else if !isLeftOut(event.name, in: id, isFolder: event.has(IN_ISDIR)) {
            // A folder renamed to an ignored name is one that left and came nowhere.
            if event.has(IN_ISDIR) {
                handleFolder(event, in: id, time)
            } else {
                handleFile(event, in: id, time)
            }
        }
    }

    private func handleFile(_ event: Inotify.Event, in id: FolderID, _ time: Time) {
        guard !isMarker(event.name, in: id) else {
            if event.has(IN_MOVED_FROM) || event.has(IN_DELETE) { checkAt = .zero }
            return
        }
        noteRemoval(event, in: id)
        let place = SettleTable.Place(folder: id, name: event.name)
        if event.has(IN_CLOSE_WRITE) {
            table.note(.closed, at: place, now: time.now)
        } else if event.has(IN_MOVED_TO) {
            table.note(.moved, at: place, now: time.now)
        } else if event.has(IN_CREATE) {
            table.note(.made, at: place, now: time.now)
        } else if event.has(IN_MOVED_FROM) {
            table.forget(place)
        }
    }

    private func handleFolder(_ event: Inotify.Event, in parent: FolderID, _ time: Time) {
        noteRemoval(event, in: parent)
        if event.has(IN_MOVED_FROM) {
            guard let id = folders.folder(event.name, in: parent) else { return }
            leaving.insert(id)
            cookies[event.cookie] = id
        } else if event.has(IN_MOVED_TO), let id = cookies.removeValue(forKey: event.cookie),
            leaving.remove(id) != nil
        {
            move(id, to: parent, as: event.name)
        } else if event.has(IN_MOVED_TO) || event.has(IN_CREATE) {
            guard let (id, mustList) = admit(event.name, in: parent, .event, time) else { return }
            if mustList { scan.push(id, .event) }
        }
    }

    /// A folder was renamed within the root: every name beneath it is another one now.
    private func move(_ id: FolderID, to parent: FolderID, as name: [UInt8]) {
        guard !folders.isFolder(parent, within: id) else {
            // Impossible on disk, so the table is behind: events were lost.
            orderScan()
            return
        }
        if let replaced = folders.folder(name, in: parent), replaced != id { drop(replaced) }
        folders.move(id, to: parent, as: name, seen: scan.listings)
        open?.forgetNames()
        scan.push(id, .event)
    }

    /// Lets go of the folders that left and came to no place within the root.
    private func dropLeft() {
        guard !leaving.isEmpty || !cookies.isEmpty else { return }
        for id in leaving { drop(id) }
        leaving = []
        cookies = [:]
    }

    /// The kernel has dropped a watch: its folder is deleted or its file system unmounted.
    ///
    /// Kept, the watch would stand for a folder of the same name made later (PyInotify#51).
    private func watchEnded(_ id: FolderID) {
        if id == FolderTable.root {
            folders.setWatch(nil, of: id)
            checkAt = .zero
        } else {
            drop(id)
        }
    }
}
