// SPDX-License-Identifier: Apache-2.0

public import Jobs
public import Logging

/// The embedded object store: a folder served through signed URLs.
///
/// It speaks as much of the S3 protocol as a link needs: PUT, GET, HEAD and DELETE of single
/// objects, copies inside the store, and uploads in parts, by presigned URLs (SigV4 for any region, or
/// SigV2), path style, and POST of signed forms (SigV4); one bucket that has the store's name. There is no listing of
/// objects, no anonymous access and nothing else.
///
/// ## The folder
///
///     lock                       held while a store has the folder
///     incoming/                  uploads under way; what is left there at start is removed
///     parts/ID/                  an upload in parts: `upload` says of what, `7` is part 7
///     objects/ab/abcd…ef         one file per object, named by the SHA-256 of its key
///
/// A key is any bytes and never becomes a path, so no key can lead out of the folder. A file holds
/// the body from its first byte on, and behind it an `ObjectRecord`: text that names the key, the
/// size, the ETag and the stored headers. To find an object by hand:
/// `grep -al 'key: reports/a b.pdf' -r objects`; to get its bytes: `head -c SIZE FILE`.
///
/// Because body and record are one file, one rename makes both appear together: after a crash
/// there are only whole objects. The file is synced before the rename and the folder after it,
/// before the client gets its answer. A client that is reading keeps the file it began with,
/// whatever happens to the key meanwhile.
///
/// Uploads in parts have a folder each, and each part is a file like an object's. At the end the
/// bodies are copied into one file, or shared with it where the file system can, and that file
/// becomes the object as any other. What nobody went on with for a week is removed at start.
///
/// ## The hot path
///
/// Bodies go by in chunks of 128 KiB, with back-pressure to the socket in both directions. All
/// waiting for the disk is done on threads of its own; a small PUT or GET goes there only once.
public final class LocalStore: Sendable {
    /// What bounds a connection; other values are for tests.
    struct Limits: Sendable {
        /// Time a client may be silent, or not read what it is sent.
        var idle: Duration = .seconds(60)
        /// Time that requests under way get to finish when the store stops.
        var grace: Duration = .seconds(5)
        /// Connections at the same time; more wait in the kernel's queue.
        var connections = 1_024
        /// Threads that may wait for the disk.
        var threads = 8
    }

    /// The key that signs for this store.
    public let accessKey: AccessKey
    let settings: LocalStoreSettings
    let folder: ObjectFolder
    let gate: Gate
    let now: @Sendable () -> Timestamp
    let logger: Logger
    let limits: Limits

    private init(
        _ settings: LocalStoreSettings,
        name: String,
        key: AccessKey,
        folder: ObjectFolder,
        now: @escaping @Sendable () -> Timestamp,
        logger: Logger,
        limits: Limits
    ) {
        self.settings = settings
        self.folder = folder
        self.now = now
        self.logger = logger
        self.limits = limits
        accessKey = key
        gate = Gate(
            bucket: name,
            publicEndpoint: settings.publicEndpoint,
            key: key
        )
    }

    /// Makes or takes the folder and the access key; serves nothing yet.
    ///
    /// Leftovers of uploads that a crash cut off are removed, and uploads in parts that nobody went
    /// on with for a week.
    ///
    /// - Parameters:
    ///   - settings: where the folder is and where to listen.
    ///   - name: the store's name, which is the bucket's.
    ///   - credentialsFile: the file of the access key; made with random values if there is none.
    ///   - now: the wall clock, for expiry and Last-Modified.
    ///   - logger: gets failures at `error` and one line for each request at `debug`; never a
    ///     query string.
    /// - Returns: the store, which has its folder to itself until `run` returns or it is let go.
    /// - Throws: `LocalStoreError`.
    public static func open(
        _ settings: LocalStoreSettings,
        name: String,
        credentialsFile: String,
        now: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) throws(LocalStoreError) -> LocalStore {
        try open(
            settings,
            name: name,
            credentialsFile: credentialsFile,
            limits: Limits(),
            now: now,
            logger: logger
        )
    }

    static func open(
        _ settings: LocalStoreSettings,
        name: String,
        credentialsFile: String,
        limits: Limits,
        now: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) throws(LocalStoreError) -> LocalStore {
        let folder = try ObjectFolder(
            path: settings.folder,
            maxSize: settings.maxSize,
            at: now()
        )
        let (key, isNewKey) = try AccessKeyFile.load(credentialsFile)
        // One without the other: something was removed, or a mount is missing.
        if isNewKey, !folder.isNew {
            logger.warning(
                """
                store \(name): the key \(credentialsFile) was missing and is made anew; links made \
                before do not work any more. Bring the file back and start again if they should
                """
            )
        } else if folder.isNew, !isNewKey {
            logger.warning(
                """
                store \(name): the folder \(settings.folder) was missing, or empty, and is made anew; \
                links made before find nothing. If it lies on a mount, stop presignd, mount it and start again
                """
            )
        }
        return LocalStore(
            settings,
            name: name,
            key: key,
            folder: folder,
            now: now,
            logger: logger,
            limits: limits
        )
    }
}
