// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

extension DueLink {
    /// The key that its object is copied to when it is moved.
    var copyKey: ObjectKey { job.rekeyed(for: link.revision + 1) }

    /// Whether there may be a copy that no link leads to: an order before this visit may have made one,
    /// and a crash, or another order, have kept it from being stored.
    var mayHaveCopy: Bool { orders > (visit.isOrdered ? 1 : 0) }
}

extension Job {
    /// The key that its object is copied to when its link is revoked and made anew.
    ///
    /// It follows from job and revision, so that a copy that was made before a crash is found, and holds
    /// the job's id, so that it is nobody else's.
    ///
    /// - Parameter revision: That of the new link.
    /// - Returns: `ID-REVISION/…`, in place of `ID/…` where the key begins with that.
    func rekeyed(for revision: Int) -> ObjectKey {
        let own = Array("\(id)".utf8)
        var rest = key.bytes[...]
        if rest.starts(with: own) {
            // Another may have gone before.
            let tail = rest.dropFirst(own.count)
            let slash = tail.firstIndex(of: UInt8(ascii: "/"))
            let mark = tail.prefix { $0 != UInt8(ascii: "/") }
            if mark.isEmpty || mark.first == UInt8(ascii: "-") {
                rest = slash.map { tail[($0 + 1)...] } ?? []
            }
        }
        let front = own + Array("-\(revision)".utf8)
        guard !rest.isEmpty else { return ObjectKey(bytes: front) }
        let whole = front + [UInt8(ascii: "/")] + rest
        guard whole.count > Self.longestKey else { return ObjectKey(bytes: whole) }
        // The end tells the kind of file; whoever fetches it gets its name from the object.
        return ObjectKey(bytes: front + [UInt8(ascii: "/")] + Array(file.name.lastPart))
    }

    /// S3's bound, in bytes.
    private static var longestKey: Int { 1_024 }
}
