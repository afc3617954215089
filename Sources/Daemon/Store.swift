// SPDX-License-Identifier: Apache-2.0

import HTTP
import Jobs
import Objects
import Sign
import Transfer

/// A store of the configuration, ready for work: it uploads, signs links and proves them.
final class Store: Sendable {
    /// The bucket, as events name it.
    let bucket: String
    let access: StoreAccess
    private let linkDialect: StoreDialect
    let uploader: Uploader
    let prover: LinkProof
    let turns = ProofTurns()
    private let remover: UploadRemover
    let changer: ObjectChanger
    let lookup: ObjectLookup
    private let channel: StoreChannel

    init(
        _ settings: StoreSettings,
        access: StoreAccess,
        http: HTTPClient,
        routes: StoreRoutes,
        memory: MemoryBudget,
        partMemory: PartMemory,
        now: @escaping @Sendable () -> Timestamp = WallClock.now,
        sinceBoot: (@Sendable () -> Int64)? = nil
    ) {
        self.access = access
        bucket = access.bucket
        linkDialect = access.linkPlace.dialect
        let channel = StoreChannel(
            http: http.routed(routes.uploads),
            place: access.uploadPlace,
            caFile: settings.caFile,
            region: access.region,
            now: now,
            sinceBoot: sinceBoot
        )
        uploader = Uploader(
            channel: channel,
            memory: memory,
            partMemory: partMemory,
            endpoint: EndpointMemory(),
            parts: settings.parts
        )
        remover = UploadRemover(channel: channel)
        changer = ObjectChanger(
            remover: ObjectRemover(channel: channel),
            copier: ObjectCopier(channel: channel)
        )
        lookup = ObjectLookup(channel: channel)
        // Links that lead to the same place are proven within the same limits.
        let isSame = access.linkPlace.endpoint == access.uploadPlace.endpoint
        let linkChannel =
            isSame
            ? channel
            : StoreChannel(
                http: http.routed(routes.links),
                place: access.linkPlace,
                caFile: settings.caFile,
                region: access.region,
                now: now,
                sinceBoot: sinceBoot
            )
        prover = LinkProof(
            channel: linkChannel,
            uploads: access.uploadPlace.endpoint,
            caFile: settings.caFile
        )
        self.channel = channel
    }

    /// Sends a job's file; each attempt is signed anew, at the moment it is sent.
    func upload(_ job: Job, ledger: PartLedger, sent: SentBytes) async -> Outcome {
        await uploader.upload(job, signer: signer, ledger: ledger, sent: sent)
    }

    /// How a job's file would be sent: in parts or, with none, whole; and why it cannot be.
    func plan(of job: Job) -> (parts: PartPlan?, obstacle: Failure?) {
        (uploader.parts(of: job), uploader.obstacle(to: job))
    }

    /// Makes the store forget an upload in parts; nothing once it confirmed that it is gone.
    func remove(_ key: ObjectKey, upload: String) async -> Failure? {
        await remover.remove(key, upload: upload, signer: signer)
    }

    /// The ids of all uploads in parts that are under way at a key; nothing where none can be listed.
    func uploads(of key: ObjectKey) async throws(Failure) -> [String]? {
        try await remover.uploads(of: key, signer: signer)
    }

    var signer: Signer {
        { [access] request, terms in
            try await access.uploads(under: terms)
                .presign(request, at: terms.now)
        }
    }

    /// The store's time, from which links are valid: their expiry is honest though this machine's
    /// clock is wrong.
    var now: Timestamp { channel.now }

    /// Makes a job's link.
    ///
    /// A link cannot outlive the key that signed it, so it ends with a temporary key, and says so.
    func link(
        for job: Job,
        _ receipt: Receipt,
        revision: Int,
        at now: Timestamp
    ) async throws(Failure) -> (Link, SignedURL) {
        let made = try await signedLink(for: job, receipt, revision: revision, at: now)
        return (made.link, made.url)
    }

    /// The same, and tells by which of the store's keys it is signed.
    func signedLink(
        for job: Job,
        _ receipt: Receipt,
        revision: Int,
        at now: Timestamp
    ) async throws(Failure) -> SignedLink {
        let issuedAt = now.wholeSecond
        // Key and end in one call: in between the key might be renewed.
        let dated = try await access.datedLinks(at: now, lasting: job.template.link.expiresIn)
        var link = Link(
            id: job.id,
            revision: revision,
            issuedAt: issuedAt,
            expiresIn: Int(job.template.link.expiresIn.seconds),
            limitedBy: .asked,
            signer: dated.mark
        )
        if let end = dated.endsAt {
            let left = Int((end - issuedAt).seconds) - 60
            if left < link.expiresIn {
                link.expiresIn = left
                link.limitedBy = .credentials
            }
        }
        guard link.expiresIn > 0 else {
            throw Failure(
                .parkStore,
                code: "expired-credentials",
                message: "the key that signs links for bucket \(bucket) ends within a minute; "
                    + "renew it, or give the store `link_credentials:` that last"
            )
        }
        if let end = dated.endsAt { try requireLife(of: link, for: job, keyEnd: end) }
        let url = try url(of: link, for: job, receipt, by: dated.signer)
        return SignedLink(link: link, url: url, key: dated.number)
    }

    /// Makes the URL of a link; the same link gives the same URL as long as the key is the same.
    func url(of link: Link, for job: Job, _ receipt: Receipt) async throws(Failure) -> SignedURL {
        let signer = try await access.links(at: now)
        return try url(of: link, for: job, receipt, by: signer)
    }

    private func url(
        of link: Link,
        for job: Job,
        _ receipt: Receipt,
        by signer: any URLSigner
    ) throws(Failure) -> SignedURL {
        let request = linkDialect.link(job, receipt: receipt, lifetime: link.expiresIn)
        do throws(SignError) {
            return try signer.presign(request, at: link.issuedAt).url
        } catch {
            throw Failure(.giveUp, code: "unsignable", message: "\(job.key): \(error)")
        }
    }
}

/// A link with its URL.
struct SignedLink: Sendable {
    var link: Link
    var url: SignedURL
    /// The number of the key that signed it (`DatedSigner.number`).
    var key: Int
}

extension StoreSettings {
    /// Certificates to trust besides the system's.
    var caFile: String? {
        switch kind {
        case .local: nil
        case .s3(let remote): remote.caFile
        case .google(let remote): remote.caFile
        case .azure(let remote): remote.caFile
        }
    }
}
