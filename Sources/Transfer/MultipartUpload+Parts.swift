// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import Jobs
internal import Objects

extension MultipartUpload {
    private typealias Finished = (number: Int, part: UploadedPart)

    /// Sends the parts that are not in the store yet.
    ///
    /// - Returns: All parts in their order, and the digests of the whole file.
    func send(_ upload: PartUpload) async throws -> ([UploadedPart], Digests) {
        let plan = PartPlan(size: job.file.stamp.size, partSize: upload.partSize)
        let withMD5 = dialect.partsAskForMD5
        let memory = uploader.partMemory
        memory.enter()
        defer { memory.leave() }
        file.expectSequentialRead()
        // The reader goes on while parts are sent; a part too large for memory is read twice.
        let fits = plan.partSize <= Int64(memory.limit / 2)
        return try await withThrowingTaskGroup(of: Finished.self) { group in
            var reader = PartReader(file, plan, withMD5: withMD5)
            var parts = upload.parts
            var underWay = 0
            for number in 1...plan.count {
                let length = plan.length(of: number)
                if let known = parts[number] {
                    let checksum = try await reader.pass(number)
                    guard checksum.crc64nvme != known.crc64nvme else {
                        sent.add(length)
                        continue
                    }
                    // It has other bytes than were sent: changed, or never what was settled.
                    try job.file.requireUnchanged(file)
                    parts[number] = nil
                }
                while underWay >= Self.width, let done = try await group.next() {
                    parts[done.number] = done.part
                    underWay -= 1
                }
                var buffer: PartBuffer?
                if fits {
                    buffer = await memory.take(Int(plan.partSize))
                    guard buffer != nil else { throw Failure.cancelled(job.file) }
                }
                let checksum: BodyChecksum
                do {
                    if let buffer {
                        checksum = try await reader.read(number, into: buffer)
                    } else {
                        checksum = try await reader.pass(number)
                    }
                } catch {
                    if let buffer { memory.giveBack(buffer) }
                    throw error
                }
                let source: PartBody.Source =
                    buffer.map { .memory($0) } ?? .file(file, offset: plan.offset(of: number))
                let body = PartBody(source, length: length, sent: sent)
                let held = buffer
                group.addTask {
                    defer { if let held { memory.giveBack(held) } }
                    return (number, try await store(number, body, checksum, upload))
                }
                underWay += 1
            }
            for try await done in group { parts[done.number] = done.part }
            let all = (1...plan.count).compactMap { parts[$0] }
            guard all.count == plan.count else { throw Failure.undecided(job, uploader.place) }
            return (all, reader.digests)
        }
    }

    /// Stores one part and remembers it.
    private func store(
        _ number: Int,
        _ body: PartBody,
        _ checksum: BodyChecksum,
        _ upload: PartUpload
    ) async throws -> UploadedPart {
        do {
            let part = try await confirmed(number, body, checksum, upload)
            try await ledger.finish(number, part)
            return part
        } catch {
            body.uncount()
            throw error
        }
    }

    private func confirmed(
        _ number: Int,
        _ body: PartBody,
        _ checksum: BodyChecksum,
        _ upload: PartUpload
    ) async throws -> UploadedPart {
        // With the checksum, and where that is refused without.
        for _ in 0..<2 {
            let refuses = uploader.endpoint.current.refused.contains(.checksum)
            let told = refuses ? nil : checksum
            let request = dialect.part(
                PartRequest(number: number, size: body.length, checksum: told),
                of: job.key,
                upload: upload.id ?? ""
            )
            let reply = try await uploader.channel.send(
                request,
                .stream(body),
                signer,
                subject: "part \(number) of \(job.file.name) was not uploaded",
                isTagged: dialect.partsHaveTags
            )
            switch reply.meaning {
            case .done(let object):
                return try proven(object, body, checksum, wasTold: told != nil)
            case .headerRefused where told != nil:
                uploader.endpoint.note { $0.refused.insert(.checksum) }
            case .noUpload, .missing: throw UploadIsGone()
            case .failed(let failure): throw failure
            case .headerRefused, .keyTaken: throw Failure.headerRefused(job, uploader.place)
            }
        }
        throw Failure.undecided(job, uploader.place)
    }

    private func proven(
        _ object: StoredObject,
        _ body: PartBody,
        _ checksum: BodyChecksum,
        wasTold: Bool
    ) throws -> UploadedPart {
        let digests = Digests(sha256: [], crc64nvme: checksum.crc64nvme, md5: checksum.md5)
        var problem: SourceError?
        let proof = Proof(of: object, digests, consent: wasTold ? dialect.consent : nil) {
            do throws(SourceError) {
                return try body.md5()
            } catch {
                problem = error
                return nil
            }
        }
        if let problem { throw problem }
        switch proof {
        case .proven(let integrity):
            return UploadedPart(
                etag: object.etag,
                crc64nvme: checksum.crc64nvme,
                integrity: integrity
            )
        case .differs: throw Failure.differs(job, uploader.place)
        case .unknown: throw Failure.unproven(job, uploader.place)
        }
    }
}
