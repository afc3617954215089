// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Whether more files of a folder are to be reported, as far as its watcher knows.
public enum Stillness: Hashable, Sendable {
    /// Nothing beneath it is waiting to be whole.
    case still
    /// A file beneath it is, or a scan runs that may find one.
    case busy
    /// The root is away, or was not looked at yet.
    case away
    /// No folder is watched under that template's name (or the watcher has stopped).
    case notWatched
}

extension RootWatch {
    /// Whether something beneath a folder of this root is waiting to be whole.
    func stillness(beneath name: FileName) -> Stillness {
        guard absence == nil, open != nil, scan.hasEnded || scan.isBusy else { return .away }
        guard !scan.isBusy, scan.hasEnded else { return .busy }
        let front = name.bytes + [UInt8(ascii: "/")]
        var answers: [FolderID: Bool] = [:]
        for place in table.index.keys {
            let isBeneath =
                answers[place.folder]
                ?? folders.name(of: place.folder).map {
                    ($0.bytes + [UInt8(ascii: "/")]).starts(with: front)
                } ?? false
            answers[place.folder] = isBeneath
            if isBeneath { return .busy }
        }
        return .still
    }
}
