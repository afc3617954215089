// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

extension RootWatch {
    /// Whether something in a folder is left out by its name.
    func isLeftOut(_ name: [UInt8], in around: FileName, isFolder: Bool) -> Bool {
        rules.rule(leavingOut: name[...], in: around.bytes[...], isFolder: isFolder) != nil
    }

    /// The same of a folder that the table knows.
    func isLeftOut(_ name: [UInt8], in id: FolderID, isFolder: Bool) -> Bool {
        // The name of a folder is put together anew each time, which most rules do not need.
        guard let around = rules.needsFolder ? folders.name(of: id) : FileName(bytes: []) else {
            return true
        }
        return isLeftOut(name, in: around, isFolder: isFolder)
    }

    /// Whether a name that a listing did not say the kind of is a folder.
    func isFolder(_ name: [UInt8], _ current: Scan.Current) -> Bool {
        Look(at: name, in: current.listing.descriptor) == .special("a folder")
    }

    /// Whether a file that a scan found could be taken before the next scan.
    ///
    /// One that is too young for that is found again, so that a million of them take up no memory.
    func isWorthLooking(
        _ name: [UInt8],
        _ stamp: FileStamp,
        in folder: borrowing Descriptor,
        _ time: Time
    ) -> Bool {
        switch rules.filter.limit(on: stamp, at: time.now) {
        case nil: break
        case .tooYoung(let until):
            if until - time.now >= longestAway { return false }
        case .tooSmall, .tooLarge, .tooOld: return false
        }
        return missingSidecar(of: name[...], stamp, in: folder) == nil
    }

    /// The sidecar that a file needs and that is not there, or was made before the file was changed.
    func missingSidecar(
        of name: ArraySlice<UInt8>,
        _ stamp: FileStamp,
        in folder: borrowing Descriptor
    ) -> [UInt8]? {
        guard let sidecar = rules.sidecar(of: name) else { return nil }
        do throws(SystemError) {
            let status = try folder.status(of: sidecar)
            return status.isRegular && status.stamp.modified >= stamp.modified ? nil : sidecar
        } catch {
            return sidecar
        }
    }

    private func lacksSidecar(_ place: SettleTable.Place, _ stamp: FileStamp) -> Bool {
        guard rules.sidecar(of: place.name[...]) != nil else { return false }
        do throws(SystemError) {
            guard let around = try open?.open(place.folder, of: folders) else { return true }
            return missingSidecar(of: place.name[...], stamp, in: around.descriptor) != nil
        } catch {
            // Gone meanwhile, or the next scan sees to it.
            return true
        }
    }

    /// Whether a file that has settled is to be taken now; one that is too young goes on waiting.
    ///
    /// Its folders may have been renamed since it was first seen, and the rules may have changed, so
    /// that all of its name is looked at once more.
    func admits(_ file: SettledFile, at place: SettleTable.Place, _ time: Time) -> Bool {
        guard rules.rule(leavingOut: file.name) == nil, !lacksSidecar(place, file.stamp) else {
            return false
        }
        switch rules.filter.limit(on: file.stamp, at: time.now) {
        case nil: return true
        case .tooYoung(let until):
            if until - time.now < longestAway {
                table.handBack(place, until: until, now: time.now)
            }
            return false
        case .tooSmall, .tooLarge, .tooOld: return false
        }
    }

    /// The longest time until the next scan of the whole root.
    private var longestAway: Span {
        Span(nanoseconds: folder.watching.rescanInterval.nanoseconds / 4 * 5) + .seconds(60)
    }

    /// What the rules about size and age make of a file.
    func limited(_ stamp: FileStamp, _ time: Time) -> WatchStatus? {
        switch rules.filter.limit(on: stamp, at: time.now) {
        case nil: nil
        case .tooYoung(let until): .young(until: until)
        case let limit?: .ignored(.limit(limit))
        }
    }

    // MARK: The folder's own rules

    /// Whether something happened to `.presignignore` in the root, which is to be heeded.
    func isAboutRules(_ event: Inotify.Event, in id: FolderID) -> Bool {
        id == FolderTable.root && folder.filter.ignoreFile
            && event.name.elementsEqual(IgnoreFile.name.utf8)
    }

    /// Reads `.presignignore` if it has changed; then the root is scanned, since what was left out may
    /// be taken by now.
    func readIgnoreFile(_ time: Time, isScanning: Bool = false) {
        guard folder.filter.ignoreFile else { return }
        var bytes: [UInt8] = []
        var stamp: FileStamp?
        do throws(SystemError) {
            guard let root = try open?.openRoot() else { return }
            let file = try root.descriptor.open(beneath: Array(IgnoreFile.name.utf8))
            let status = try file.status()
            if status.isRegular {
                stamp = status.stamp
                guard stamp != ignoreStamp else { return }
                bytes = try file.read(IgnoreFile.mostBytes + 1)
            }
        } catch {
            if !error.meansGone {
                warn(.rules, time, "\(folder.root)/\(IgnoreFile.name) is not heeded: \(error)")
            }
            stamp = nil
        }
        ignoreStamp = stamp
        let ignoreFile = IgnoreFile(bytes)
        guard ignoreFile != rules.ignoreFile else { return }
        if ignoreFile.isCut {
            warn(
                .rules,
                time,
                """
                \(folder.root)/\(IgnoreFile.name) is too long: only \(IgnoreFile.mostPatterns) \
                patterns in \(IgnoreFile.mostBytes >> 10) KiB count; write the others under \
                `exclude:` of the template
                """
            )
        }
        rules = rules.with(ignoreFile)
        if !isScanning { orderScan() }
    }
}
