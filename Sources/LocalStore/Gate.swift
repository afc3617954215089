// SPDX-License-Identifier: Apache-2.0

import Jobs
import Sign

/// Lets a request through if its signature grants it, and says what it is about.
struct Gate: Sendable {
    /// A request that is granted.
    struct Grant: Sendable {
        /// The object; empty for a question about the bucket.
        var key: ObjectKey
        /// What the body must hash to, if that was signed: SHA-256 in hexadecimal, or a word.
        var payloadHash: String?
        /// What is asked of an upload in parts, if the request is about one.
        var multipart: MultipartCall?
    }

    let bucket: [UInt8]
    /// Where links begin, if that is not where the store listens.
    let publicEndpoint: Endpoint?
    let check: SignatureCheck
    let formCheck: FormCheck

    /// S3's bound ("Object key naming guidelines", Amazon S3 User Guide).
    static let longestKey = 1_024

    init(bucket: String, publicEndpoint: Endpoint?, key: AccessKey) {
        self.bucket = Array(bucket.utf8)
        self.publicEndpoint = publicEndpoint
        let secret: @Sendable (String) -> Secret? = { $0 == key.id ? key.secret : nil }
        check = SignatureCheck(secretOf: secret)
        formCheck = FormCheck(secretOf: secret)
    }

    /// Checks the signature first, so that nobody learns anything without one.
    ///
    /// - Throws: `Refusal` when the request is not signed, or not about an object of this store.
    func admit(_ call: Call, at moment: Timestamp) throws(Refusal) -> Grant {
        let payloadHash = try checkURL(call, at: moment)
        let (bucket, key) = try split(call.rawPath)
        try require(bucket)
        let multipart = try MultipartCall(call, onBucket: key.isEmpty)
        guard !key.isEmpty || multipart != nil else { throw .methodNotAllowed(call.method) }
        try require(key: key)
        try HeaderPolicy.check(call, multipart)
        return Grant(
            key: ObjectKey(bytes: key),
            payloadHash: payloadHash,
            multipart: multipart
        )
    }

    private func checkURL(_ call: Call, at moment: Timestamp) throws(Refusal) -> String? {
        do {
            let (method, target) = (call.method, call.target)
            return try check.check(
                method: method,
                target: target,
                headers: call.headers,
                now: moment
            ).payloadHash
        } catch {
            throw Refusal(error)
        }
    }

    /// Refuses another bucket than this store's.
    func require(_ bucket: [UInt8]) throws(Refusal) {
        guard bucket == self.bucket else {
            throw Refusal(
                .noSuchBucket,
                "The specified bucket does not exist",
                details: [Header("BucketName", NameText.shown(bucket))]
            )
        }
    }

    /// Refuses a key that no store takes.
    func require(key: [UInt8]) throws(Refusal) {
        guard key.count <= Self.longestKey else {
            throw Refusal(
                .keyTooLong,
                "Your key is too long",
                details: [
                    Header("Size", "\(key.count)"), Header("MaxSizeAllowed", "\(Self.longestKey)"),
                ]
            )
        }
    }

    /// Bucket and key of a path, decoded once and otherwise as they come: `//`, `.` and `..` are
    /// parts of a key like any other (https://github.com/versity/versitygw/issues/2274).
    func split(_ path: ArraySlice<UInt8>) throws(Refusal) -> ([UInt8], [UInt8]) {
        let slash = UInt8(ascii: "/")
        var path = path
        // The path in front of the bucket in links, where a proxy in front passes it on.
        let basePath = Array((publicEndpoint?.basePath ?? "").utf8)
        let own = basePath + [slash] + bucket
        if !basePath.isEmpty, path.elementsEqual(own) || path.starts(with: own + [slash]) {
            path = path.dropFirst(basePath.count)
        }
        guard path.first == slash else {
            throw Refusal(.invalidURI, "The path must begin with a slash.")
        }
        path = path.dropFirst()
        let first = path.prefix { $0 != slash }
        guard let bucket = PercentText.decode(first),
            let key = PercentText.decode(path.dropFirst(first.count + 1))
        else { throw Refusal(.invalidURI, "Couldn't parse the specified URI.") }
        return (bucket, key)
    }
}

extension Refusal {
    /// What the check of the signature says, in an answer.
    init(_ refusal: SignatureRefusal) {
        self.init(Code(refusal.code), refusal.message, details: refusal.details)
    }
}

extension Refusal.Code {
    init(_ code: SignatureRefusal.Code) {
        self =
            switch code {
            case .accessDenied: .accessDenied
            case .authorizationQueryParametersError: .authorizationQueryParametersError
            case .invalidAccessKeyID: .invalidAccessKeyID
            case .invalidArgument: .invalidArgument
            case .invalidPolicyDocument: .invalidPolicyDocument
            case .invalidRequest: .invalidRequest
            case .invalidToken: .invalidToken
            case .invalidURI: .invalidURI
            case .signatureDoesNotMatch: .signatureDoesNotMatch
            }
    }
}
