// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

extension RootWatch {
    /// Takes in a folder that was seen in another: opens it, watches it, finds its place in the table.
    ///
    /// Returns its id and whether it must be listed even if it was before; nothing when it is to be
    /// left alone or is gone.
    func admit(
        _ name: [UInt8],
        in parent: FolderID,
        _ foundBy: FoundBy,
        _ time: Time
    ) -> (id: FolderID, mustList: Bool)? {
        let known = folders.folder(name, in: parent)
        do throws(SystemError) {
            guard let around = try open?.open(parent, of: folders) else { return nil }
            let descriptor = try around.descriptor.open(beneath: name, folder: true)
            return try place(descriptor, name, in: parent, known: known, time)
        } catch {
            if error.meansGone || error.code == ELOOP {
                if let known { drop(known) }
                return nil
            }
            if let around = folders.name(of: parent) { noteClosed(around.appending(name)) }
            if foundBy != .rescan { warnUnreadable(shown(name, in: parent), error, time) }
            let id = known ?? folders.add(name, in: parent, seen: scan.listings)
            folders.markSeen(id, in: scan.listings)
            return (id, false)
        }
    }

    private func place(
        _ descriptor: borrowing Descriptor,
        _ name: [UInt8],
        in parent: FolderID,
        known: FolderID?,
        _ time: Time
    ) throws(SystemError) -> (id: FolderID, mustList: Bool)? {
        let watch = newWatch(descriptor, isRoot: false, time)
        if let watch, let holder = folders.folder(watchedBy: watch) {
            let wasLeaving = leaving.remove(holder) != nil
            if holder == known {
                folders.markSeen(holder, in: scan.listings)
                return (holder, wasLeaving)
            }
            return try relocate(holder, descriptor, name, in: parent, known, wasLeaving, time)
        }
        // Made anew under its old name: all that was known beneath is void.
        if let known, let old = folders[known]?.watch, old != watch { drop(known) }
        let id =
            folders.folder(name, in: parent)
            ?? folders.add(name, in: parent, seen: scan.listings)
        folders.markSeen(id, in: scan.listings)
        noteGround(of: id, descriptor)
        let isNew = folders[id]?.watch == nil
        if let watch { setWatch(watch, of: id) }
        return (id, isNew && watch != nil)
    }

    /// The folder is watched already, under another name.
    private func relocate(
        _ holder: FolderID,
        _ descriptor: borrowing Descriptor,
        _ name: [UInt8],
        in parent: FolderID,
        _ known: FolderID?,
        _ wasLeaving: Bool,
        _ time: Time
    ) throws(SystemError) -> (id: FolderID, mustList: Bool)? {
        let isLoop = folders.isFolder(parent, within: holder)
        let identity = OpenFolders.Identity(try descriptor.status())
        let isTwin = !wasLeaving && isStill(holder, identity)
        if isLoop || isTwin {
            warn(
                .twice,
                time,
                """
                \(shown(name, in: parent)) is the same folder as \
                \(shown(folders.name(of: holder) ?? FileName(bytes: []))) (a bind mount?); \
                its files are uploaded under that name only
                """
            )
            return nil
        }
        if let known { drop(known) }
        guard folders[holder] != nil, folders[parent] != nil else { return nil }
        folders.move(holder, to: parent, as: name, seen: scan.listings)
        open?.forgetNames()
        return (holder, true)
    }

    /// Whether a folder is still where the table has it.
    private func isStill(_ id: FolderID, _ identity: OpenFolders.Identity) -> Bool {
        guard let name = folders.name(of: id) else { return false }
        do throws(SystemError) {
            guard let root = try open?.openRoot() else { return false }
            let there = try root.descriptor.open(beneath: name.bytes, folder: true)
            return OpenFolders.Identity(try there.status()) == identity
        } catch {
            return false
        }
    }

    /// Watches a folder that the table knows.
    func watch(_ id: FolderID, _ descriptor: borrowing Descriptor, _ time: Time) {
        noteGround(of: id, descriptor)
        guard let watch = newWatch(descriptor, isRoot: id == FolderTable.root, time) else { return }
        if let holder = folders.folder(watchedBy: watch), holder != id { return }
        setWatch(watch, of: id)
    }

    private func setWatch(_ watch: Int32, of id: FolderID) {
        folders.setWatch(watch, of: id)
        if folders.unwatched.isEmpty { warnings.reset(.watches) }
    }

    /// Asks for a watch; nothing when there is none to be had, which is said once.
    private func newWatch(
        _ descriptor: borrowing Descriptor,
        isRoot: Bool,
        _ time: Time
    ) -> Int32? {
        guard let inotify, mayWatchMore, !isPolled(descriptor) else { return nil }
        do throws(SystemError) {
            if folders.watchCount >= options.folderLimit { throw SystemError(code: ENOSPC) }
            return try inotify.watch(descriptor, isRoot: isRoot)
        } catch {
            // The rest of a look need not ask again and again.
            if error.code == ENOSPC { mayWatchMore = false }
            guard warnings.admitOnce(.watches) else { return nil }
            let cure =
                error.code == ENOSPC
                ? "raise fs.inotify.max_user_watches (sysctl)"
                : "the system said: \(error)"
            report(
                .warning(
                    template: folder.template,
                    text: """
                        not every folder below \(folder.root) can be watched: \
                        \(folders.watchCount) are, the others are polled \(pollText); \
                        \(cure)
                        """
                )
            )
            return nil
        }
    }

    /// Lets go of a folder with all beneath it.
    ///
    /// Files settling in it go when their look comes.
    func drop(_ id: FolderID) {
        leaving.remove(id)
        for watch in folders.remove(id) { inotify?.drop(watch) }
        open?.forgetNames()
    }

    func warnUnreadable(_ what: String, _ error: SystemError, _ time: Time) {
        warn(
            .unreadable,
            time,
            """
            \(what) cannot be read (\(error)); nothing in it is uploaded; it is tried again \
            \(pollText); give the service read access \
            (setfacl -R -m u:presignd:rX)
            """
        )
    }
}
