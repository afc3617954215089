// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

extension RootWatch {
    private static let sliceLength = 512
    /// How long a look that failed for want of descriptors, or by a fault of the disk, is put off.
    private static let putOff = Span.seconds(5)

    /// Makes up to 512 looks that are due.
    func lookSlice(_ time: Time) {
        for visit in table.visits(at: time.now, limit: Self.sliceLength) {
            let place = visit.place
            guard folders[place.folder] != nil else {
                table.forget(place)
                continue
            }
            switch look(visit) {
            case .file(let stamp, let writer): take(stamp, writer, at: place, time)
            case .gone: table.forget(place)
            case .special(let what):
                table.forget(place)
                if let around = folders.name(of: place.folder) {
                    warnSpecial(around.appending(place.name), what, time)
                }
            case .failed(let error):
                table.postpone(place, until: time.now + Self.putOff)
                if error.code == ESTALE { checkAt = .zero }
                warnPutOff(place, error, time)
            }
        }
        for place in table.takeEarly() { warnEarly(place, time) }
    }

    private func look(_ visit: SettleTable.Visit) -> Look {
        do throws(SystemError) {
            guard let around = try open?.open(visit.place.folder, of: folders) else { return .gone }
            return visit.asksForWriter
                ? Look(opening: visit.place.name, in: around.descriptor)
                : Look(at: visit.place.name, in: around.descriptor)
        } catch {
            // A folder swapped for a link, or gone: an event or a scan tells what became of it.
            return error.meansGone || error.code == ELOOP ? .gone : .failed(error)
        }
    }

    private func take(
        _ stamp: FileStamp,
        _ writer: Writer,
        at place: SettleTable.Place,
        _ time: Time
    ) {
        let outcome = table.looked(
            at: place,
            stamp: stamp,
            writer: writer,
            isRemote: folders[place.folder]?.isRemote ?? false,
            now: time.now
        )
        guard case .settled(let stamp, let foundBy) = outcome,
            let around = folders.name(of: place.folder)
        else { return }
        let file = SettledFile(
            root: folder.root,
            name: around.appending(place.name),
            stamp: stamp
        )
        guard admits(file, at: place, time) else { return }
        settled.append(Settled(template: folder.template, file: file, foundBy: foundBy))
    }

    private func warnEarly(_ place: SettleTable.Place, _ time: Time) {
        let suffix = SettleHistory.suffix(of: place.name)
        let kind =
            suffix.isEmpty ? "files without a suffix" : "*.\(FileName(bytes: suffix)) files"
        warn(
            .early,
            time,
            """
            \(shown(place.name, in: place.folder)) was changed soon after it had settled, so it was \
            not whole then; \(kind) wait twice as long now, for an hour; if that is too long or too \
            short write a fixed `settle:`
            """
        )
    }

    private func warnPutOff(_ place: SettleTable.Place, _ error: SystemError, _ time: Time) {
        warn(
            .unreadable,
            time,
            """
            \(shown(place.name, in: place.folder)) could not be looked at (\(error)); it is tried \
            again every \(Self.putOff.seconds) s
            """
        )
    }

    /// Takes a file back, to be looked at and reported again after a while.
    func lookAgain(_ name: FileName, after span: Span, _ time: Time) {
        guard let place = place(of: name) else { return }
        table.handBack(place, until: time.now + span, now: time.now)
    }

    /// What this root makes of a name.
    func status(of name: FileName, _ time: Time) -> WatchStatus {
        if let rule = rules.rule(leavingOut: name) { return .ignored(rule) }
        if isMarker(name.bytes, in: FolderTable.root) { return .ignored(.marker) }
        if let absence { return .unavailable(reason: absence) }
        guard var open else { return .unavailable(reason: "\(folder.root) was not looked at yet") }
        do throws(SystemError) {
            let root = try open.openRoot()
            let around = try root.descriptor.open(beneath: Array(name.folderPart), folder: true)
            switch Look(at: Array(name.lastPart), in: around) {
            case .gone: return .missing
            case .special(let what): return .notRegular(what)
            case .failed(let error): return .unreadable(reason: "\(error)")
            case .file(let stamp, _):
                if let status = limited(stamp, time) { return status }
                if let sidecar = missingSidecar(of: name.lastPart, stamp, in: around) {
                    return .needsSidecar(NameText.shown(sidecar), stamp)
                }
                guard let place = place(of: name), let wait = table.wait(of: place) else {
                    return .quiet(stamp)
                }
                return .settling(until: wait.until, because: wait.because)
            }
        } catch {
            if isBeneathLink(name) { return .notRegular("a name beneath a symbolic link") }
            if error.meansGone { return .missing }
            return .unreadable(reason: "\(error)")
        }
    }

    /// Whether a folder on the way to a name is a link; asked only when it could not be opened.
    private func isBeneathLink(_ name: FileName) -> Bool {
        do throws(SystemError) {
            guard var around = try open?.openRoot().descriptor.open(beneath: [], folder: true)
            else {
                return false
            }
            for part in name.folderPart.split(separator: UInt8(ascii: "/")) {
                let part = Array(part)
                if Look(at: part, in: around) == .special("a symbolic link") { return true }
                around = try around.open(beneath: part, folder: true)
            }
        } catch {
            return false
        }
        return false
    }

    private func place(of name: FileName) -> SettleTable.Place? {
        guard !name.bytes.isEmpty else { return nil }
        let parts = name.folderPart.split(separator: UInt8(ascii: "/"))
        return folders.folder(at: parts).map {
            SettleTable.Place(folder: $0, name: Array(name.lastPart))
        }
    }
}

extension FileName {
    /// The part before the last `/`; empty for a name directly in the root.
    fileprivate var folderPart: ArraySlice<UInt8> {
        bytes[..<(max(lastPart.startIndex, 1) - 1)]
    }
}
