// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

extension RootWatch {
    /// Finds out whether the root is (still) the folder at its path, and acts on it.
    ///
    /// Events cannot tell of everything: a mount that hides a folder sends none.
    func check(_ time: Time) {
        checkAt = time.uptime + options.checkEvery
        if let identity = open?.identity {
            guard let reason = reasonOfAbsence(identity) else { return planCheckOfWatched(time) }
            detach(reason)
        }
        attach(time)
    }

    /// Why the root that is watched counts as away, if it does.
    private func reasonOfAbsence(_ identity: OpenFolders.Identity) -> String? {
        do throws(SystemError) {
            let root = try Descriptor.folder(at: folder.root)
            guard OpenFolders.Identity(try root.status()) == identity else {
                return "another folder has taken the place of \(folder.root)"
            }
            return reasonOfAbsence(root)
        } catch {
            return "the folder \(folder.root) is gone (\(error))"
        }
    }

    /// What the absence of the marker says: a mount point without its mount is a folder too.
    private func reasonOfAbsence(_ root: borrowing Descriptor) -> String? {
        guard let marker = folder.watching.marker else { return nil }
        switch Look(at: Array(marker.utf8), in: root) {
        case .gone:
            return "\(folder.root) holds no \(marker) (require_marker), as if it were not mounted"
        case .failed(let error):
            return "\(marker) in \(folder.root) (require_marker) cannot be looked at (\(error))"
        case .file, .special:
            return nil
        }
    }

    /// Whether the root is there now.
    func isThere(_ time: Time) -> Bool {
        check(time)
        return open != nil
    }

    private func attach(_ time: Time) {
        do throws(SystemError) {
            let root = try Descriptor.folder(at: folder.root)
            let identity = OpenFolders.Identity(try root.status())
            if let reason = reasonOfAbsence(root) { return detach(reason) }
            open = OpenFolders(path: folder.root, identity: identity)
            absence = nil
            startInotify(time)
            // Watch first, list after: what comes in between is seen twice and not never.
            watch(FolderTable.root, root, time)
        } catch {
            detach("the folder \(folder.root) cannot be opened (\(error))")
            return
        }
        planCheckOfWatched(time)
        report(.available(template: folder.template, root: folder.root))
        poll.restart(at: time.uptime)
        orderScan()
    }

    /// Puts the next check off where the kernel tells of what it would find.
    private func planCheckOfWatched(_ time: Time) {
        guard folders[FolderTable.root]?.watch != nil, folder.watching.marker == nil else {
            return
        }
        checkAt = time.uptime + options.checkWatchedEvery
    }

    /// Forgets all that hangs on the root; what was settling will be found when it is back.
    private func detach(_ reason: String) {
        inotify = nil
        open = nil
        folders = FolderTable()
        table = table.emptied
        removed = []
        leaving = []
        cookies = [:]
        quickLeft = []
        devices = [:]
        polled = [:]
        mayWatchMore = true
        scan = Scan(hasEnded: scan.hasEnded, listings: scan.listings)
        let isNews = absence == nil
        absence = reason
        guard isNews else { return }
        report(
            .unavailable(
                template: folder.template,
                root: folder.root,
                reason: """
                    \(reason); nothing is uploaded from it meanwhile; it is looked for every \
                    \(max(options.checkEvery.seconds, 1)) s and scanned when it is there
                    """
            )
        )
    }

    /// Makes the inotify instance if there is none.
    func startInotify(_ time: Time) {
        guard inotify == nil, folder.watching.mode != .poll else { return }
        do throws(SystemError) {
            inotify = try Inotify(tellsRemovals: folder.tellsRemovals)
            warnings.reset(.instances)
        } catch {
            guard warnings.admitOnce(.instances) else { return }
            report(
                .warning(
                    template: folder.template,
                    text: """
                        no inotify instance for \(folder.root) (\(error)): it is polled \
                        \(pollText) instead; raise \
                        fs.inotify.max_user_instances (sysctl) or the limit of open files
                        """
                )
            )
        }
    }
}
