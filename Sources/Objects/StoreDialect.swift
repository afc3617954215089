// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// How one kind of store is spoken to: what is asked of it, and what its answers mean.
///
/// Chosen once for a store, by its kind; what differs between the kinds stands in one file each
/// (`S3Dialect`, `GoogleDialect`, `AzureDialect`, `CloudFrontDialect`) and nowhere else.
public struct StoreDialect: Sendable {
    let rules: any DialectRules
    let multipart: any MultipartRules
    let copies: any CopyRules

    private init(_ rules: any DialectRules & MultipartRules & CopyRules) {
        self.init(linksBy: rules, uploadsBy: rules)
    }

    private init(
        linksBy rules: any DialectRules,
        uploadsBy uploads: any MultipartRules & CopyRules
    ) {
        self.rules = rules
        multipart = uploads
        copies = uploads
    }

    /// AWS S3 and all that speak its protocol; the embedded store does.
    public static let s3 = StoreDialect(S3Dialect())
    /// Google Cloud Storage, by its XML API.
    public static let google = StoreDialect(GoogleDialect())
    /// Azure Blob Storage.
    public static let azure = StoreDialect(AzureDialect())
    /// A CloudFront distribution in front of an S3 bucket; it is only ever asked for links.
    public static let cloudFront = StoreDialect(
        linksBy: CloudFrontDialect(),
        uploadsBy: S3Dialect()
    )

    /// The most bytes that one PUT may bring.
    public var largestPut: Int64 { rules.largestPut }

    /// Whether a checksum in a request is an MD5, which has to be made before the request.
    public var asksForMD5: Bool { rules.asksForMD5 }

    /// What it means for the proof that a request brought the body's checksum and was accepted.
    public var consent: Integrity { rules.consent }

    /// What people are told where this kind of store has words of its own.
    public var words: DialectWords { rules.words }

    /// The request that stores a job's file.
    ///
    /// - Parameters:
    ///   - plan: What is stored, and under which key.
    ///   - size: Bytes of the body.
    ///   - checksum: The checksums of the body, if they are known before it is sent.
    ///   - guarded: Whether the store must refuse a key that is taken.
    /// - Returns: The request, to be signed for now.
    public func put(
        _ plan: UploadPlan,
        size: Int64,
        checksum: BodyChecksum?,
        guarded: Bool
    ) -> ObjectRequest {
        rules.put(plan, size: size, checksum: checksum, guarded: guarded)
    }

    /// What is stored on a job's object besides its bytes, as headers of the request that makes it:
    /// the PUT has them, and the one that begins an upload in parts, but no part.
    public func objectHeaders(_ plan: UploadPlan) -> [Header] { rules.objectHeaders(plan) }

    /// Asks what is stored under a key, with its checksum if the store keeps one.
    public func head(_ key: ObjectKey) -> ObjectRequest { rules.head(key) }

    /// The request a link is made of: a GET without headers, so that any client can send it.
    ///
    /// Where keys are overwritten, or the object is another's, the version is pinned, so that the link goes on serving what it
    /// was made for; elsewhere the key is never reused and the URL stays short.
    public func link(_ job: Job, receipt: Receipt, lifetime: Int) -> ObjectRequest {
        var query: [QueryItem] = []
        if job.template.onExists.maySeeReplaced, let version = receipt.versionID,
            let name = rules.versionParameter
        {
            query.append(QueryItem(name, version))
        }
        return ObjectRequest(.get, job.key, query: query, lifetime: lifetime)
    }
}

extension OnExists {
    /// Whether the object under a key may be replaced while its link lives.
    fileprivate var maySeeReplaced: Bool {
        switch self {
        case .overwrite, .skipIfSame: true
        case .fail, .rename: false
        }
    }
}
