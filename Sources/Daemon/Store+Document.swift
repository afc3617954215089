// SPDX-License-Identifier: Apache-2.0

import Jobs
import Sign
import Transfer

extension Store {
    /// Stores a document of presignd's own, in place of what is under its key.
    ///
    /// - Parameters:
    ///   - document: The bytes.
    ///   - job: Its key and name, and what is stored on it (`Job.page`).
    /// - Returns: What proves it.
    /// - Throws: `Failure`.
    func upload(_ document: Document, as job: Job) async throws(Failure) -> Receipt {
        switch await uploader.upload(document, as: job, signer: signer) {
        case .uploaded(let receipt): return receipt
        case .failed(let failure), .keyTaken(let failure): throw failure
        case .published, .changed, .vanished:
            throw Failure(.retry, code: "page", message: "\(job.file.name) was replaced meanwhile")
        }
    }

    /// Makes a link to a document; the same moments give the same URL as long as the key that signs
    /// is the same.
    ///
    /// - Parameters:
    ///   - key: The document's key.
    ///   - issuedAt: The moment it is signed for.
    ///   - end: When it is to end; it ends with the key that signs it, if that is earlier.
    /// - Returns: The link.
    /// - Throws: `Failure` when there is no key, or when it would have ended already.
    func link(
        to key: ObjectKey,
        from issuedAt: Timestamp,
        until end: Timestamp
    ) async throws(Failure) -> PageLink {
        let issuedAt = issuedAt.wholeSecond
        let dated = try await access.datedLinks(at: now, lasting: max(end - now, .zero))
        let end = dated.endsAt.map { min(end, $0 - .seconds(60)) } ?? end
        let lifetime = Int((end - issuedAt).seconds)
        guard lifetime > 0 else {
            throw Failure(
                .retry,
                code: "page-expired",
                message: "a link to \(key) in bucket \(bucket) would have ended when it begins"
            )
        }
        do throws(SignError) {
            let request = ObjectRequest(.get, key, lifetime: lifetime)
            let url = try dated.signer.presign(request, at: issuedAt).url
            return PageLink(url: url, expiresAt: issuedAt + .seconds(Int64(lifetime)))
        } catch {
            throw Failure(.giveUp, code: "unsignable", message: "\(key): \(error)")
        }
    }
}

extension Job {
    /// The job that stores a page, beside the objects of a template.
    ///
    /// The page is shown by browsers, and asked for anew each time; it is kept as the template's
    /// objects are, but never in a class that is not at hand at once.
    static func page(
        named name: FileName,
        key: ObjectKey,
        type: String = "text/html; charset=utf-8",
        like template: Template
    ) -> Job {
        var template = template
        template.onExists = .overwrite
        template.link.disposition = .inline
        template.object.contentType = type
        template.object.cacheControl = "private, no-cache"
        template.object.storageClass = nil
        let now = WallClock.now()
        let stamp = FileStamp(size: 0, modified: now, changed: now, inode: 0)
        return Job(
            id: UniqueID(at: now),
            template: template,
            file: SettledFile(root: "", name: name, stamp: stamp),
            key: key,
            queuedAt: now
        )
    }
}
