// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import Jobs
internal import Objects

/// The conversation with a store about one file that is sent in parts.
///
/// Begin, send the parts, complete. What the store confirms is in the ledger before anything else is
/// done, so after a crash only the parts that were on their way are sent again; what the store and
/// the ledger do not both know is sent again too. The file is read once, front to back, while up to
/// `width` parts are on their way.
struct MultipartUpload {
    /// Parts of one file on their way at once; more would only take memory from other files.
    static let width = 3
    /// How often an upload that the store has lost is begun anew before the job tries later.
    private static let beginnings = 3

    let uploader: Uploader
    let job: Job
    let file: SourceFile
    let ledger: PartLedger
    let signer: Signer
    let sent: SentBytes
    let plan: UploadPlan

    init(
        _ uploader: Uploader,
        _ job: Job,
        _ file: SourceFile,
        ledger: PartLedger,
        signer: @escaping Signer,
        sent: SentBytes
    ) {
        self.uploader = uploader
        self.job = job
        self.file = file
        self.ledger = ledger
        self.signer = signer
        self.sent = sent
        plan = UploadPlan(job, head: file.head)
    }

    var dialect: StoreDialect { uploader.place.dialect }

    func run() async throws -> Receipt {
        if let receipt = try await receiptOfSame() { return receipt }
        for _ in 0..<Self.beginnings {
            do {
                let upload = try await resume()
                sent.reset()
                let (parts, digests) = try await send(upload)
                try job.file.requireUnchanged(file)
                try job.requireKey(of: digests)
                return try await complete(upload, parts, digests)
            } catch is UploadIsGone {
                // An earlier end may have been heard though its answer was not.
                if let receipt = try await receiptOfOwn() { return receipt }
                try await ledger.save(nothing)
            }
        }
        throw Failure.undecided(job, uploader.place)
    }

    /// What is remembered while nothing is begun.
    private var nothing: PartUpload {
        PartUpload(
            id: nil,
            key: job.key,
            partSize: dialect.parts(
                of: job.file.stamp.size,
                smallest: uploader.parts.size
            ).partSize,
            isChecked: !uploader.endpoint.current.refused.contains(.checksum)
        )
    }

    // MARK: Beginning

    /// The upload that was begun and the store still has, or a new one.
    private func resume() async throws -> PartUpload {
        guard let saved = try await ledger.load(), saved.key == job.key else {
            return try await begin()
        }
        guard let id = saved.id else {
            // It was about to begin: the store may have done so without our knowing.
            if dialect.begin(plan, checked: false) != nil { try await ledger.noteStray(job.key) }
            return try await begin()
        }
        guard !saved.parts.isEmpty else { return saved }
        return try await reconciled(saved, id)
    }

    private func begin() async throws -> PartUpload {
        var upload = nothing
        guard let request = dialect.begin(plan, checked: upload.isChecked) else {
            upload.id = plan.id
            try await ledger.save(upload)
            return upload
        }
        // Before the store is asked: whatever it begins from now on is known to be ours.
        try await ledger.save(upload)
        let reply = try await ask(request, countsAttempts: true)
        switch reply.meaning {
        case .done:
            guard let id = dialect.uploadID(in: reply.answer) else {
                throw Failure.noUploadID(job, uploader.place)
            }
            if reply.attempts > 1 { try await ledger.noteStray(job.key) }
            upload.id = id
            try await ledger.save(upload)
            return upload
        case .headerRefused where upload.isChecked:
            uploader.endpoint.note { $0.refused.insert(.checksum) }
            return try await begin()
        case .headerRefused: throw Failure.headerRefused(job, uploader.place)
        case .failed(let failure): throw failure
        case .missing, .keyTaken, .noUpload: throw Failure.undecided(job, uploader.place)
        }
    }

    /// Keeps of the remembered parts those that the store has too.
    private func reconciled(_ saved: PartUpload, _ id: String) async throws -> PartUpload {
        let plan = PartPlan(size: job.file.stamp.size, partSize: saved.partSize)
        var listed: [Int: PartList.Part] = [:]
        var marker = 0
        repeat {
            let request = dialect.parts(of: job.key, upload: id, after: marker)
            let reply = try await ask(request, longestAnswer: 4 << 20)
            switch reply.meaning {
            case .done:
                guard let list = dialect.list(of: id, in: reply.answer) else {
                    throw Failure.undecided(job, uploader.place)
                }
                listed.merge(list.parts) { $1 }
                // A store that never ends its list is not followed for ever.
                marker = list.next.flatMap { $0 > marker ? $0 : nil } ?? 0
            case .missing, .noUpload:
                throw UploadIsGone()
            case .failed(let failure) where failure.advice == .parkStore:
                // It may not be asked; what it confirmed is in the ledger.
                return saved
            case .failed(let failure): throw failure
            case .keyTaken, .headerRefused: throw Failure.undecided(job, uploader.place)
            }
        } while marker > 0
        var upload = saved
        upload.parts = saved.parts.filter { number, part in
            guard let other = listed[number] else { return false }
            return other.size == plan.length(of: number) && other.etag ?? part.etag == part.etag
        }
        return upload
    }

    /// Asks something that carries no body of a file.
    func ask(
        _ request: ObjectRequest,
        _ body: HTTPBody = .none,
        answerTimeout: Duration? = nil,
        longestAnswer: Int? = nil,
        countsAttempts: Bool = false
    ) async throws -> StoreReply {
        try await uploader.channel.send(
            request,
            body,
            signer,
            subject: "\(job.file.name) was not uploaded as \(job.key)",
            answerTimeout: answerTimeout,
            longestAnswer: longestAnswer,
            countsAttempts: countsAttempts
        )
    }
}

/// The store does not have the upload any more.
struct UploadIsGone: Error {}
