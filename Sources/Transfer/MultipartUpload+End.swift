// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import Jobs
internal import Objects

extension MultipartUpload {
    /// A store may take minutes to put an object together (arrow-rs#4965).
    private static let completionTimeout = Duration.seconds(900)

    /// Makes the object of its parts, and the receipt.
    func complete(
        _ upload: PartUpload,
        _ parts: [UploadedPart],
        _ digests: Digests
    ) async throws -> Receipt {
        // Once as wished, once more without each of what some stores do not know.
        var isChecked = upload.isChecked
        for _ in 0..<3 {
            let isGuarded =
                plan.guardsKey && dialect.canGuardCompletion
                && !uploader.endpoint.current.refused.contains(.ifNoneMatch)
            // Ceph takes the header and replaces what is there all the same, so where the key may be
            // another's it is looked at first, if that is allowed.
            if plan.guardsKey, !isGuarded || !job.keyHoldsID,
                let receipt = try await foundOwn(digests, parts, isNeeded: !isGuarded)
            {
                return receipt
            }
            let completion = Completion(
                plan: plan,
                size: job.file.stamp.size,
                parts: parts,
                isChecked: isChecked,
                crc64nvme: digests.crc64nvme,
                isGuarded: isGuarded
            )
            let (request, body) = dialect.complete(completion, upload: upload.id ?? "")
            let reply = try await ask(
                request,
                .bytes(body),
                answerTimeout: Self.completionTimeout
            )
            switch reply.meaning {
            case .done:
                let object = dialect.completed(in: reply.answer)
                // Ceph may leave the tag out; then the object itself is asked for it.
                if object.etag.isEmpty, let receipt = try await foundOwn(digests, parts) {
                    return receipt
                }
                return try receipt(object, digests, parts)
            case .keyTaken:
                guard let receipt = try await foundOwn(digests, parts) else {
                    throw Failure.undecided(job, uploader.place)
                }
                return receipt
            case .noUpload, .missing: throw UploadIsGone()
            case .headerRefused(.ifNoneMatch) where isGuarded, .headerRefused(nil) where isGuarded:
                uploader.endpoint.note { $0.refused.insert(.ifNoneMatch) }
            case .headerRefused(.checksum) where isChecked, .headerRefused(nil) where isChecked:
                isChecked = false
            // OpenStack Swift's schema of this document has no checksums in it.
            case .failed(let failure) where failure.code == "MalformedXML" && isChecked:
                isChecked = false
            case .headerRefused: throw Failure.headerRefused(job, uploader.place)
            case .failed(let failure): throw failure
            }
        }
        throw Failure.undecided(job, uploader.place)
    }

    /// The receipt, if the key holds this job's object already: the answer to an earlier end was lost.
    func receiptOfOwn() async throws -> Receipt? {
        let object: StoredObject
        do {
            guard let found = try await look() else { return nil }
            object = found
        }
        guard isOurs(object) else { return nil }
        let digests = try await file.hash(withMD5: false)
        try job.file.requireUnchanged(file)
        // Bytes that are not the file's are another generation's; they are replaced.
        guard object.crc64nvme ?? digests.crc64nvme == digests.crc64nvme else { return nil }
        return try receipt(object, digests, [])
    }

    /// The receipt, if the key holds this job's object; nothing: the key is free.
    ///
    /// - Throws: `Failure` when it holds another's.
    private func foundOwn(
        _ digests: Digests,
        _ parts: [UploadedPart],
        isNeeded: Bool = true
    ) async throws -> Receipt? {
        guard let object = try await look(isNeeded: isNeeded) else { return nil }
        guard isOurs(object) else { return try same(object, digests) }
        return try receipt(object, digests, parts)
    }

    /// Looks whether the key is taken before a large file is sent in vain, where the template has an
    /// answer to that.
    ///
    /// - Returns: The receipt, if another's object has the same bytes and is to be taken for it.
    func receiptOfSame() async throws -> Receipt? {
        guard [.rename, .skipIfSame].contains(job.template.onExists),
            let object = try await look(), !isOurs(object)
        else { return nil }
        guard job.template.onExists == .skipIfSame, object.length == job.file.stamp.size else {
            throw KeyIsTaken(failure: .keyTaken(job, uploader.place))
        }
        let digests = try await file.hash(withMD5: object.crc64nvme == nil)
        try job.file.requireUnchanged(file)
        return try same(object, digests)
    }

    /// The receipt of another's object, if it may be taken for the upload.
    private func same(_ object: StoredObject, _ digests: Digests) throws -> Receipt {
        guard job.template.onExists == .skipIfSame, object.length == job.file.stamp.size,
            case .proven(let integrity) = Proof(of: object, digests, consent: nil, md5: { nil })
        else { throw KeyIsTaken(failure: .keyTaken(job, uploader.place)) }
        return Receipt(
            size: job.file.stamp.size,
            sha256: digests.sha256,
            crc64nvme: digests.crc64nvme,
            contentType: plan.contentType,
            etag: object.etag,
            versionID: object.versionID,
            integrity: integrity
        )
    }

    /// What is under the key; nothing when it is free, or when nobody may look and need not.
    private func look(isNeeded: Bool = true) async throws -> StoredObject? {
        switch try await ask(dialect.head(job.key)).meaning {
        case .done(let object): return object
        case .missing: return nil
        case .failed(let failure) where failure.advice == .parkStore:
            guard isNeeded else { return nil }
            throw Failure.keyUnknown(job, uploader.place, failure)
        case .failed(let failure): throw failure
        case .keyTaken, .headerRefused, .noUpload: throw Failure.undecided(job, uploader.place)
        }
    }

    /// The id was stored with the upload's beginning, so nobody else's object has it.
    private func isOurs(_ object: StoredObject) -> Bool {
        job.owns(object) && object.length ?? job.file.stamp.size == job.file.stamp.size
    }

    private func receipt(
        _ object: StoredObject,
        _ digests: Digests,
        _ parts: [UploadedPart]
    ) throws -> Receipt {
        if let checksum = object.crc64nvme, checksum != digests.crc64nvme {
            throw Failure.differs(job, uploader.place)
        }
        guard !object.etag.isEmpty else { throw Failure.undecided(job, uploader.place) }
        // The whole is no better proven than its weakest part.
        let order: [Integrity] = [.etag, .compared, .signed]
        let weakest = order.first { weak in parts.contains { $0.integrity == weak } }
        return Receipt(
            size: job.file.stamp.size,
            sha256: digests.sha256,
            crc64nvme: digests.crc64nvme,
            contentType: plan.contentType,
            etag: object.etag,
            versionID: object.versionID,
            // Without a list of the parts nothing but the checksum of the whole was compared.
            integrity: weakest ?? (object.crc64nvme == nil ? .etag : .compared)
        )
    }
}
