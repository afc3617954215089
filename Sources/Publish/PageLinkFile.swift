// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Jobs

/// The file beside a manifest that holds the link to its published page: one line, the URL.
///
/// It can be read by whoever can read the manifest, which has the same links.
public struct PageLinkFile: Sendable {
    /// Far more than a URL has.
    private static let longest = 64 << 10

    /// The file.
    public let path: String
    private let manifest: String

    /// Names the file of the manifest at a path; nothing is read yet.
    public init(besideManifest path: String) {
        manifest = path
        self.path = ManifestSettings.pageLinkFile(beside: path)
    }

    /// The URL in the file; nothing where there is none.
    public func read() -> SignedURL? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.longest) { buffer, count in
            count = unsafe max(Glibc.read(descriptor, buffer.baseAddress, buffer.count), 0)
        }[...]
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        return bytes.isEmpty ? nil : SignedURL(Array(bytes))
    }

    /// Puts a URL into the file, whole or not at all.
    ///
    /// - Throws: `PublishError`; then the file is as it was.
    public func write(_ url: SignedURL) throws(PublishError) {
        let temporary = path + ".new"
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
        let descriptor = unsafe open(temporary, flags, 0o640)
        guard descriptor >= 0 else { throw .system(errno, "create", path) }
        defer { close(descriptor) }
        let other = unsafe open(manifest, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if other >= 0 {
            ManifestFile.copyAccess(from: other, to: descriptor)
            close(other)
        }
        var number = ManifestFile.write(url.reveal() + [0x0a], to: descriptor)
        if number == nil, fsync(descriptor) != 0 { number = errno }
        if number == nil, unsafe rename(temporary, path) != 0 { number = errno }
        if let number {
            _ = unsafe unlink(temporary)
            throw .system(number, "write", path)
        }
        try ManifestFolder.sync(above: path)
    }
}
