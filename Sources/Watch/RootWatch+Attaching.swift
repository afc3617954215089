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
            var status = stat()
            let answer = unsafe stat(folder.root, &status)
            let error = SystemError(code: errno)
            if answer == 0, OpenFolders.Identity(status) == identity {
                return planCheckOfWatched(time)
            }
            detach(
                answer == 0
                    ? "another folder has taken the place of \(folder.root)"
                    : "the folder \(folder.root) is gone (\(error))"
            )
        }
        attach(time)
    }

    private func attach(_ time: Time) {
        do throws(SystemError) {
            let root = try Descriptor.folder(at: folder.root)
            let identity = OpenFolders.Identity(try root.status())
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
        pollAt = time.uptime + options.pollEvery
        orderScan()
    }

    /// Puts the next check off where the kernel tells of what it would find.
    private func planCheckOfWatched(_ time: Time) {
        guard folders[FolderTable.root]?.watch != nil else { return }
        checkAt = time.uptime + options.checkWatchedEvery
    }

    /// Forgets all that hangs on the root; what was settling will be found when it is back.
    private func detach(_ reason: String) {
        inotify = nil
        open = nil
        folders = FolderTable()
        table = table.emptied
        leaving = []
        cookies = [:]
        scan = Scan(hasEnded: scan.hasEnded, listings: scan.listings)
        guard absence == nil else { return }
        absence = reason
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
        guard inotify == nil else { return }
        do throws(SystemError) {
            inotify = try Inotify()
            warnings.reset(.instances)
        } catch {
            guard warnings.admitOnce(.instances) else { return }
            report(
                .warning(
                    template: folder.template,
                    text: """
                        no inotify instance for \(folder.root) (\(error)): it is scanned every \
                        \(options.pollEvery.seconds) s instead; raise \
                        fs.inotify.max_user_instances (sysctl) or the limit of open files
                        """
                )
            )
        }
    }
}
