// SPDX-License-Identifier: Apache-2.0

import CLinux
import Crypto
import Glibc
import Jobs
import Synchronization

/// The folder of a store, as `LocalStore` describes it: where the files lie and how they get there.
///
/// Every call blocks on the disk: make it on a thread that may.
final class ObjectFolder: Sendable {
    /// The folder, for messages.
    let path: String
    /// The bytes the folder holds and may hold; nothing where it has no bound.
    let quota: Quota?
    /// Whether there were no objects before: no folder, or one with nothing of a store in it, as the
    /// place of a mount has that is missing.
    let isNew: Bool
    private let lock: OpenFile
    let objects: OpenFile
    let incoming: OpenFile
    /// A folder per upload in parts.
    let parts: OpenFile
    /// The uploads that are being completed or given up.
    let ending = Mutex<Set<UploadID>>([])
    private let counter = Atomic<UInt64>(0)
    /// Held while a file takes an object's place, and while an object is removed under a condition:
    /// nothing may come between its look and its deed.
    let change = Mutex(())

    /// Makes the folder if there is none, takes it for this store, and removes torn uploads.
    ///
    /// Uploads in parts that have lain still for long by then are removed too.
    init(path: String, maxSize: Int64?, at moment: Timestamp) throws(LocalStoreError) {
        self.path = path
        do throws(FileProblem) {
            try PrivateFolder.make(path)
            lock = try OpenFile("\(path)/lock", flags: O_RDWR | O_CREAT)
        } catch {
            throw error.asStoreError
        }
        guard flock(lock.descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .folderInUse(path: path) }
        do throws(FileProblem) {
            isNew = try PrivateFolder.make("\(path)/objects")
            try PrivateFolder.make("\(path)/incoming")
            try PrivateFolder.make("\(path)/parts")
            objects = try OpenFile("\(path)/objects", flags: O_RDONLY | O_DIRECTORY)
            incoming = try OpenFile("\(path)/incoming", flags: O_RDONLY | O_DIRECTORY)
            parts = try OpenFile("\(path)/parts", flags: O_RDONLY | O_DIRECTORY)
            for number in 0..<256 {
                let name = [UInt8(number)].hex
                guard unsafe mkdirat(objects.descriptor, name, 0o700) == 0 || errno == EEXIST else {
                    throw FileProblem.last("make folder", "\(path)/objects/\(name)")
                }
            }
            try objects.synchronize(path: "\(path)/objects")
            for name in try PrivateFolder.names(in: incoming, path: "\(path)/incoming") {
                try PrivateFolder.remove(name, in: incoming, path: "\(path)/incoming")
            }
            quota = maxSize.map(Quota.init)
            try removeForgottenUploads(at: moment)
        } catch {
            throw error.asStoreError
        }
    }

    deinit { release() }

    /// Takes the folder again, for a store that serves a second time.
    func take() throws(LocalStoreError) {
        guard flock(lock.descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .folderInUse(path: path) }
    }

    /// Lets another store have the folder.
    ///
    /// Closing the lock would not do: a program that is being started may hold a copy of it until
    /// its `exec`.
    func release() { flock(lock.descriptor, LOCK_UN) }

    /// Where the object of a key lies beneath `objects/`.
    static func place(of key: ObjectKey) -> String {
        let hex = Array(SHA256.hash(data: key.bytes)).hex
        return "\(hex.prefix(2))/\(hex)"
    }

    /// Whether there is an object.
    func has(_ key: ObjectKey) -> Bool {
        unsafe faccessat(objects.descriptor, Self.place(of: key), F_OK, 0) == 0
    }

    /// Opens an object, or nothing when there is none.
    func open(_ key: ObjectKey) throws(FileProblem) -> StoredObject? {
        let place = Self.place(of: key)
        do {
            let file = try OpenFile(place, in: objects.descriptor, flags: O_RDONLY | O_NONBLOCK)
            return try StoredObject(file, key: key, path: "\(path)/objects/\(place)")
        } catch {
            guard error.code == ENOENT else { throw error }
            return nil
        }
    }

    /// Begins an object in a file of its own, which vanishes unless it is committed.
    func begin(_ request: IncomingObject.Request) throws(FileProblem) -> IncomingObject {
        let name = newName()
        let file = try OpenFile(
            name,
            in: incoming.descriptor,
            flags: O_WRONLY | O_CREAT | O_EXCL,
            as: "create in \(path)/incoming the file"
        )
        return IncomingObject(file, name: name, folder: self, request: request)
    }

    /// A name of its own below `incoming/`.
    func newName() -> String {
        "\(getpid())-\(counter.add(1, ordering: .relaxed).newValue)"
    }

    /// Gives a finished file its place, in one step and for good.
    ///
    /// - Returns: whether it was done; not when `replacing` is off and there is an object.
    func commit(
        _ name: String,
        as key: ObjectKey,
        size: Int64,
        replacing: Bool
    ) throws(FileProblem) -> Bool {
        let place = Self.place(of: key)
        let done: Bool
        if let quota {
            done = try quota.replace(
                added: size,
                removed: { self.fileSize(place) },
                by: { () throws(FileProblem) in
                    try self.rename(name, to: place, replacing: replacing)
                }
            )
        } else {
            done = try rename(name, to: place, replacing: replacing)
        }
        if done { try synchronizeFolder(of: place) }
        return done
    }

    /// Removes a file that did not become an object.
    func discard(_ name: String) {
        unsafe unlinkat(incoming.descriptor, name, 0)
    }

    private func rename(
        _ name: String,
        to place: String,
        replacing: Bool
    ) throws(FileProblem) -> Bool {
        let (from, to) = (incoming.descriptor, objects.descriptor)
        return try change.withLock { (_) throws(FileProblem) in
            if replacing {
                if unsafe renameat(from, name, to, place) == 0 { return true }
            } else {
                if unsafe cs_rename_noreplace(from, name, to, place) == 0 { return true }
                // Not every file system knows RENAME_NOREPLACE; a hard link does not replace either.
                if errno == EINVAL, unsafe linkat(from, name, to, place, 0) == 0 {
                    discard(name)
                    return true
                }
                if errno == EEXIST { return false }
            }
            throw .last("rename into place", "\(path)/objects/\(place)")
        }
    }

    func synchronizeFolder(of place: String) throws(FileProblem) {
        let name = String(place.prefix(2))
        let folder = try OpenFile(name, in: objects.descriptor, flags: O_RDONLY | O_DIRECTORY)
        try folder.synchronize(path: "\(path)/objects/\(name)")
    }
}
