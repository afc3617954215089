// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// Folders that cannot be read: their files are not uploaded, and somebody has to know.
extension RootWatch {
    /// More than a person reads.
    private static let mostClosed = 1_000

    func noteClosed(_ folder: FileName) {
        if closed.count < Self.mostClosed { closed.insert(folder) }
    }

    /// Says how many folders cannot be read, and which is one of them; those that can be read by now,
    /// or are gone, are forgotten.
    func closedFolders() -> String? {
        guard absence == nil else { return nil }
        var reason: SystemError?
        closed = closed.filter { folder in
            do throws(SystemError) {
                guard let root = try open?.openRoot() else { return true }
                _ = try root.descriptor.open(beneath: folder.bytes, folder: true)
                return false
            } catch {
                guard !error.meansGone, error.code != ELOOP else { return false }
                reason = error
                return true
            }
        }
        guard let reason,
            let first = closed.min(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) })
        else { return nil }
        let count = closed.count == 1 ? "" : " and \(closed.count - 1) more"
        return
            "\(shown(first))\(count) cannot be read (\(reason)); nothing in it is uploaded: give "
            + "the service read access (setfacl -R -m u:presignd:rX)"
    }
}
