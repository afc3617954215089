// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

extension RootWatch {
    private static let sliceLength = 4_096
    private static let batchLength = 256

    /// Orders a scan of the whole root.
    func orderScan() {
        // Until it has ended no other is due by the clock.
        rescanAt = Span(nanoseconds: .max / 2)
        scan.orderWhole()
    }

    /// Lists up to 4,096 names.
    func scanSlice(_ time: Time) {
        guard scan.isBusy else { return }
        let start = Self.uptime
        defer { poll.spend(Self.uptime - start) }
        var left = Self.sliceLength
        var around: FileName?
        while left > 0, !isFull {
            left -= 1
            guard let current = scan.current else {
                guard let order = scan.nextOrder() else { break }
                begin(order, time)
                around = nil
                continue
            }
            guard let name = around ?? folders.name(of: current.order.folder) else {
                scan.current = nil
                continue
            }
            around = name
            if !step(current, name, time) {
                scan.current = nil
                around = nil
            }
        }
        flush(time)
        if let ended = scan.endWhole() { reportEnd(ended, time) }
    }

    private func reportEnd(_ ended: Scan.Whole, _ time: Time) {
        guard !ended.isBroken else {
            rescanAt = time.uptime + options.checkEvery
            return
        }
        report(
            .scanned(
                template: folder.template,
                foundBy: ended.foundBy,
                files: ended.files,
                folders: ended.folders
            )
        )
        let every = folder.watching.rescanInterval.nanoseconds
        let jitter = Int64.random(in: -(every / 4)...(every / 4))
        if scan.whole == nil { rescanAt = time.uptime + Span(nanoseconds: every + jitter) }
    }

    private func begin(_ order: Scan.Order, _ time: Time) {
        guard let known = folders[order.folder], known.listed < order.since else { return }
        do throws(SystemError) {
            guard let root = try open?.openRoot(), let name = folders.name(of: order.folder) else {
                return
            }
            let descriptor = try root.descriptor.open(beneath: name.bytes, folder: true)
            if known.watch == nil { watch(order.folder, descriptor, time) }
            if order.folder == FolderTable.root { readIgnoreFile(time, isScanning: true) }
            noteDigest(order.folder, descriptor, time)
            noteChange(of: order.folder, since: known.digest, order.foundBy)
            let number = scan.nextNumber()
            folders.markListed(order.folder, in: number)
            let listing = try Listing(descriptor)
            scan.current = Scan.Current(listing: listing, order: order, number: number)
            scan.whole?.folders += 1
        } catch {
            if error.code == ESTALE || order.folder == FolderTable.root {
                checkAt = .zero
                scan.whole?.isBroken = true
            } else if error.meansGone || error.code == ELOOP {
                drop(order.folder)
            } else {
                unreadable(order, error, time)
            }
        }
    }

    private func unreadable(_ order: Scan.Order, _ error: SystemError, _ time: Time) {
        folders.setWatch(nil, of: order.folder)
        if let name = folders.name(of: order.folder) { noteClosed(name) }
        guard order.foundBy != .rescan else { return }
        warnUnreadable(
            shown(folders.name(of: order.folder) ?? FileName(bytes: [])),
            error,
            time
        )
    }

    /// Takes up the next name of a listing; false at its end.
    private func step(_ current: Scan.Current, _ around: FileName, _ time: Time) -> Bool {
        do throws(SystemError) {
            guard let (name, kind) = try current.listing.next() else {
                sweep(current)
                return false
            }
            let isFolder = kind == .folder || kind == .unknown && isFolder(name, current)
            guard !isLeftOut(name, in: around, isFolder: isFolder) else { return true }
            if isFolder {
                foundFolder(name, current, time)
            } else {
                foundFile(name, around, current, time)
            }
            return true
        } catch {
            unreadable(current.order, error, time)
            return false
        }
    }

    private func foundFolder(_ name: [UInt8], _ current: Scan.Current, _ time: Time) {
        let order = current.order
        guard let (id, mustList) = admit(name, in: order.folder, order.foundBy, time) else {
            return
        }
        if mustList {
            scan.push(id, order.foundBy)
        } else if order.isDeep || folders[id]?.listed == 0 {
            scan.push(id, as: order)
        }
    }

    private func foundFile(
        _ name: [UInt8],
        _ around: FileName,
        _ current: Scan.Current,
        _ time: Time
    ) {
        guard !isMarker(name, in: current.order.folder) else { return }
        switch Look(at: name, in: current.listing.descriptor) {
        case .file(let stamp, _):
            scan.whole?.files += 1
            let place = SettleTable.Place(folder: current.order.folder, name: name)
            guard !table.contains(place) else { return }
            guard isWorthLooking(name, stamp, in: current.listing.descriptor, time) else { return }
            let sighting = Sighting(name: around.appending(name), stamp: stamp)
            scan.batch.append((place, sighting, current.order.foundBy))
            if scan.batch.count == Self.batchLength { flush(time) }
        case .special("a folder"): foundFolder(name, current, time)
        case .special(let what):
            if current.order.foundBy != .rescan {
                warnSpecial(around.appending(name), what, time)
            }
        case .gone: break
        case .failed(let error): warnUnreadable(shown(around.appending(name)), error, time)
        }
    }

    /// Lets those files settle that are not known as they are.
    private func flush(_ time: Time) {
        let batch = scan.batch
        guard let first = batch.first else { return }
        scan.batch = []
        var known: [Bool] = []
        if let isKnown = folder.known {
            known = isKnown(batch.map(\.sighting), first.foundBy)
        }
        for (index, found) in batch.enumerated() {
            if known.count == batch.count, known[index] { continue }
            // What came with its folder was made under the eyes of the folder's watch.
            let isWatched = folders[found.place.folder]?.watch != nil
            table.found(
                found.sighting.stamp,
                at: found.place,
                by: found.foundBy,
                as: found.foundBy == .event && isWatched ? .made : .listed,
                isRemote: folders[found.place.folder]?.isRemote ?? false,
                now: time.now
            )
        }
    }

    /// Lets go of folders that a whole listing did not show, whose events were lost.
    private func sweep(_ current: Scan.Current) {
        for child in folders.children(of: current.order.folder) {
            guard let known = folders[child], known.seen < current.number,
                case .gone = Look(at: known.name, in: current.listing.descriptor)
            else { continue }
            drop(child)
        }
    }

    func warnSpecial(_ name: FileName, _ what: String, _ time: Time) {
        warn(
            .special,
            time,
            "\(shown(name)) is \(what); only regular files are uploaded, it is left alone"
        )
    }
}
