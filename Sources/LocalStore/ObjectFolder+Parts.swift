// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Synchronization

/// Uploads in parts: a folder each, with a file of what was said at the beginning and one per part.
extension ObjectFolder {
    /// The file of what was said at the beginning; parts are named by their numbers.
    static let beginning = "upload"
    /// An upload that got no part for so long is removed at start.
    static let longestRest = Span.seconds(7 * 86_400)

    /// The right to end an upload, which one request has at a time.
    final class Ending: Sendable {
        private let folder: ObjectFolder
        private let id: UploadID

        fileprivate init(_ folder: ObjectFolder, _ id: UploadID) {
            self.folder = folder
            self.id = id
        }

        deinit { _ = folder.ending.withLock { $0.remove(id) } }
    }

    /// Takes the right to end an upload.
    ///
    /// - Throws: `Refusal`: `SlowDown` while another request has it.
    func end(_ id: UploadID) throws(Refusal) -> Ending {
        guard ending.withLock({ $0.insert(id).inserted }) else {
            throw Refusal(.slowDown, "Another request is ending this upload. Try again.")
        }
        return Ending(self, id)
    }

    /// Makes the folder of a new upload.
    func makeUpload(_ id: UploadID) throws(FileProblem) {
        guard unsafe mkdirat(parts.descriptor, "\(id)", 0o700) == 0 else {
            throw .last("make folder", "\(path)/parts/\(id)")
        }
        try parts.synchronize(path: "\(path)/parts")
    }

    /// Reads what was said when an upload began.
    ///
    /// - Throws: `Refusal`: `NoSuchUpload`, also where the key is another; `FileProblem`.
    func upload(_ id: UploadID, of key: ObjectKey) throws -> ObjectRecord {
        guard let record = try file(Self.beginning, of: id)?.record, record.key == key else {
            throw Refusal.noSuchUpload("\(id)")
        }
        return record
    }

    /// Opens a file of an upload, or nothing when there is none.
    func file(_ name: String, of id: UploadID) throws(FileProblem) -> StoredObject? {
        let place = "\(id)/\(name)"
        do {
            let file = try OpenFile(place, in: parts.descriptor, flags: O_RDONLY | O_NONBLOCK)
            return try StoredObject(file, key: nil, path: "\(path)/parts/\(place)")
        } catch {
            guard error.code == ENOENT else { throw error }
            return nil
        }
    }

    /// The numbers of the parts that are there, in order.
    func partNumbers(of id: UploadID) throws(FileProblem) -> [Int] {
        try names(of: id).compactMap { Int($0) }.sorted()
    }

    /// The uploads under way.
    func uploads() throws(FileProblem) -> [(id: UploadID, record: ObjectRecord)] {
        var found: [(UploadID, ObjectRecord)] = []
        for name in try PrivateFolder.names(in: parts, path: "\(path)/parts") {
            guard let id = UploadID(name), let record = try file(Self.beginning, of: id)?.record
            else { continue }
            found.append((id, record))
        }
        return found
    }

    /// Gives a finished file its place in an upload.
    ///
    /// - Throws: `Refusal`: `NoSuchUpload` when the upload ended meanwhile; `FileProblem`.
    func commit(_ name: String, as target: String, of id: UploadID, size: Int64) throws {
        let place = "\(id)/\(target)"
        do throws(FileProblem) {
            let rename = { () throws(FileProblem) in
                let (from, to) = (self.incoming.descriptor, self.parts.descriptor)
                guard unsafe renameat(from, name, to, place) == 0 else {
                    throw .last("rename into place", "\(self.path)/parts/\(place)")
                }
                return true
            }
            if let quota {
                _ = try quota.replace(added: size, removed: { sizeOfPart(place) }, by: rename)
            } else {
                _ = try rename()
            }
            try openUpload("\(id)").synchronize(path: "\(path)/parts/\(id)")
        } catch {
            guard error.code == ENOENT else { throw error }
            throw Refusal.noSuchUpload("\(id)")
        }
    }

    /// Removes an upload, in one step for everyone else.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    func removeUpload(_ id: UploadID) throws(FileProblem) -> Bool {
        let name = newName()
        let move = { () throws(FileProblem) in
            let (from, to) = (self.parts.descriptor, self.incoming.descriptor)
            if unsafe renameat(from, "\(id)", to, name) == 0 { return true }
            guard errno == ENOENT else {
                throw .last("remove", "\(self.path)/parts/\(id)")
            }
            return false
        }
        let moved: Bool
        if let quota {
            // Nothing but zero can come of an upload that cannot be listed: it is not there.
            let size = { (try? self.sizeOfParts("\(id)")) ?? 0 }
            moved = try quota.replace(added: 0, removed: size, by: move)
        } else {
            moved = try move()
        }
        guard moved else { return false }
        try parts.synchronize(path: "\(path)/parts")
        try PrivateFolder.remove(name, in: incoming, path: "\(path)/incoming")
        return true
    }

    /// Adds up the files of all uploads in parts.
    func sumOfParts() throws(FileProblem) -> Int64 {
        var sum: Int64 = 0
        for name in try PrivateFolder.names(in: parts, path: "\(path)/parts") {
            sum += try sizeOfParts(name)
        }
        return sum
    }

    /// Removes the uploads that ended but for their folder, never began, or were left alone.
    func removeForgottenUploads(at moment: Timestamp) throws(FileProblem) {
        for name in try PrivateFolder.names(in: parts, path: "\(path)/parts") {
            guard let id = UploadID(name), try isForgotten(id, at: moment) else { continue }
            try removeUpload(id)
        }
    }

    private func isForgotten(_ id: UploadID, at moment: Timestamp) throws(FileProblem) -> Bool {
        // Each part changes the folder.
        let changed = try openUpload("\(id)").status(path: "\(path)/parts/\(id)").st_mtim
        if Timestamp(seconds: Int64(changed.tv_sec)) + Self.longestRest < moment { return true }
        do {
            guard let record = try file(Self.beginning, of: id)?.record else { return true }
            return try open(record.key)?.record.upload == "\(id)"
        } catch {
            // A damaged file is for its reader to complain of.
            guard error.code == EBADMSG else { throw error }
            return false
        }
    }

    private func openUpload(_ name: String) throws(FileProblem) -> OpenFile {
        try OpenFile(name, in: parts.descriptor, flags: O_RDONLY | O_DIRECTORY)
    }

    private func names(of id: UploadID) throws(FileProblem) -> [String] {
        try PrivateFolder.names(in: openUpload("\(id)"), path: "\(path)/parts/\(id)")
    }

    private func sizeOfParts(_ name: String) throws(FileProblem) -> Int64 {
        let folder = try openUpload(name)
        return try PrivateFolder.names(in: folder, path: "\(path)/parts/\(name)")
            .reduce(0) { $0 + sizeOfPart("\(name)/\($1)") }
    }

    private func sizeOfPart(_ place: String) -> Int64 {
        var status = stat()
        let found = unsafe fstatat(parts.descriptor, place, &status, AT_SYMLINK_NOFOLLOW)
        return found == 0 ? Int64(status.st_size) : 0
    }
}
