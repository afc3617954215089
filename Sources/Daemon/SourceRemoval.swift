// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Jobs

/// Removes a source file whose link is published, and only that file.
///
/// Between a last look at a name and its removal the file could be replaced. So the file is first
/// renamed into `.presignd/` under the same root, where nobody writes, and looked at there: it goes
/// only if its inode, size and mtime are those that were sent. Otherwise it is renamed back, as a
/// new generation.
///
/// What this returns is on the disk: a job that is done while a power cut brings its source back under
/// its name would publish that a second time.
struct SourceRemoval {
    /// What became of the file.
    enum Result: Hashable {
        case removed
        /// It is another file by now, and is back under its name.
        case putBack
        case alreadyGone
    }

    /// Where files are held while they are looked at; ignored by the watcher as a dotfile.
    static let holdName = ".presignd"

    private let root: FolderHandle
    private let hold: FolderHandle

    /// Opens the root and makes the hold in it.
    init(root path: String) throws(RemovalError) {
        root = try FolderHandle(path: path)
        hold = try root.makeFolder(Array(Self.holdName.utf8))
    }

    /// Removes the file of a job as its template says.
    func remove(_ job: Job) throws(RemovalError) -> Result {
        let id = Array(job.id.description.utf8)
        // Left there by a crash; what has the name by now is another file.
        if hold.stamp(of: id) != nil { return try finish(job, held: id) }
        let (parent, last) = try root.parent(of: job.file.name)
        if let parent {
            switch parent.rename(last, to: hold, id) {
            case 0, ENOENT: break
            case let error: throw RemovalError(job.file, error, doing: "move it aside")
            }
        }
        guard hold.stamp(of: id) != nil else {
            // By this presignd, maybe, before it was ended.
            try parent?.synchronize(for: job.file)
            return .alreadyGone
        }
        return try finish(job, held: id)
    }

    /// Deals with one file that a crash left in the hold.
    func finishLeftover(of job: Job) throws(RemovalError) -> Result {
        let id = Array(job.id.description.utf8)
        guard hold.stamp(of: id) != nil else { return .alreadyGone }
        return try finish(job, held: id)
    }

    /// The ids of the jobs whose files a crash left in the hold.
    func leftovers() throws(RemovalError) -> [UniqueID] {
        try hold.names().compactMap { UniqueID(String(decoding: $0, as: UTF8.self)) }
    }

    private func finish(_ job: Job, held id: [UInt8]) throws(RemovalError) -> Result {
        // In this order: a program that had it open and closed it meanwhile shows in the stamp.
        let isWritten = hold.hasWriter(id)
        let stamp = hold.stamp(of: id)
        // The rename itself changed ctime.
        let isTheOneSent =
            !isWritten && stamp?.inode == job.file.stamp.inode
            && stamp?.size == job.file.stamp.size && stamp?.modified == job.file.stamp.modified
        guard isTheOneSent else {
            let (parent, last) = try root.parent(of: job.file.name)
            try hold.renameKeeping(id, to: parent ?? root, last, of: job.file)
            return .putBack
        }
        do {
            try take(job, held: id)
        } catch {
            // Not left where nobody looks: back under its name, until the next try.
            let (parent, last) = try root.parent(of: job.file.name)
            try hold.renameKeeping(id, to: parent ?? root, last, of: job.file)
            throw error
        }
        // That it left its name is enough: what a cut brings back into the hold is a leftover.
        try root.parent(of: job.file.name).0?.synchronize(for: job.file)
        return .removed
    }

    /// Unlinks the held file, or moves it into the archive.
    private func take(_ job: Job, held id: [UInt8]) throws(RemovalError) {
        switch job.template.after {
        case .keep:
            throw RemovalError(job.file, EPERM, doing: "remove a source that is to be kept")
        case .delete:
            let error = hold.unlink(id)
            guard error == 0 else { throw RemovalError(job.file, error, doing: "remove it") }
        case .archive(let path):
            let archive = try FolderHandle(makingPath: path)
            let (folder, last) = try archive.makeParent(of: job.file.name)
            try hold.renameKeeping(id, to: folder, last, of: job.file)
        }
    }
}

/// Why a source file could not be removed.
struct RemovalError: Error, Hashable, CustomStringConvertible {
    let path: String
    let number: Int32
    let action: String

    init(_ file: SettledFile, _ number: Int32, doing action: String) {
        path = "\(file.root)/\(file.name)"
        self.number = number
        self.action = action
    }

    init(path: String, _ number: Int32, doing action: String) {
        self.path = path
        self.number = number
        self.action = action
    }

    var description: String {
        let cure =
            switch number {
            case EXDEV: "the archive must be on the file system of the watched folder"
            case EACCES, EPERM, EROFS: "presignd must be able to write in that folder"
            default: "see to the file system, then `presignd retry`"
            }
        return "\(path): the link is published, but presignd could not \(action): "
            + "\(SystemText.text(number)); \(cure)"
    }
}
