// SPDX-License-Identifier: Apache-2.0
internal import Jobs
internal import Objects

extension Job {
    /// Whether the object under the job's key was sent by the job before.
    ///
    /// A store that gives no metadata back cannot say; but a key that holds the job's id is nobody
    /// else's.
    func owns(_ object: StoredObject) -> Bool {
        if let id = object.id { return id == "\(self.id)" }
        return keyHoldsID
    }

    /// Whether the job's id is part of its key.
    var keyHoldsID: Bool {
        let own = Array("\(id)".utf8)
        return key.bytes.indices.contains { key.bytes[$0...].starts(with: own) }
    }
}
