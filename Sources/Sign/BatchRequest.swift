// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What one line of a batch asks for, under scheme `sigv4`.
struct BatchRequest: Sendable {
    /// The schemes of the batch form.
    enum Scheme: String, CaseIterable {
        case sigV4 = "sigv4"
        case sigV2 = "sigv2"
        case gcsV4 = "gcs-v4"
        case azureSAS = "azure-sas"
        case cloudFront = "cloudfront"
    }

    private static let fields = [
        "scheme", "method", "endpoint", "bucket", "key", "style", "region", "service",
        "access_key", "secret_key", "session_token", "expires_in", "date", "headers", "query",
    ]

    /// A signer, and the fields it was made of.
    struct KnownSigner: Sendable {
        fileprivate let fields: [[UInt8]?]
        fileprivate let signer: SigV4Signer
    }

    /// What signs the request; the next line may well need the same.
    let signer: KnownSigner
    private let request: ObjectRequest
    private let moment: Timestamp

    /// Reads a line.
    ///
    /// - Parameters:
    ///   - line: the bytes.
    ///   - now: the time of signing where the line has none.
    ///   - known: a signer of an earlier line, to be used if it was made of the same fields.
    /// - Throws: `BatchError` that names the field.
    init(_ line: [UInt8], now: Timestamp, known: KnownSigner?) throws(BatchError) {
        let fields = try BatchFields(line)
        let scheme = try Self.choice("scheme", fields.text("scheme"), of: Scheme.allCases)
        guard scheme == .sigV4 else {
            throw BatchError(
                "scheme \(scheme.rawValue) is not available yet; this version signs sigv4"
            )
        }
        try fields.allow(only: Self.fields, for: scheme.rawValue)
        moment = try Self.date(fields) ?? now
        request = try Self.request(fields)
        signer = try Self.signer(fields, known: known)
    }

    /// Signs it.
    func sign() throws(BatchError) -> SignedRequest {
        do {
            return try signer.signer.presign(request, at: moment)
        } catch {
            throw BatchError("the field \"\(Self.field(of: error))\" is wrong: \(error)")
        }
    }

    private static let signerFields = [
        "endpoint", "bucket", "style", "region", "service", "access_key", "secret_key",
        "session_token",
    ]

    private static func signer(
        _ fields: BatchFields,
        known: KnownSigner?
    ) throws(BatchError) -> KnownSigner {
        var bytes: [[UInt8]?] = []
        for name in signerFields { bytes.append(try fields.bytes(name)) }
        if let known, known.fields == bytes { return known }
        return KnownSigner(fields: bytes, signer: try makeSigner(fields))
    }

    private static func makeSigner(_ fields: BatchFields) throws(BatchError) -> SigV4Signer {
        let text = try fields.text("endpoint")
        let endpoint: Endpoint
        do {
            endpoint = try Endpoint(text)
        } catch {
            throw BatchError("the field \"endpoint\" is wrong: \(error)")
        }
        let style = try choice(
            "style",
            fields.optionalText("style") ?? "path",
            of: [AddressingStyle.path, .virtual, .cname]
        )
        return SigV4Signer(
            endpoint: endpoint,
            style: style,
            bucket: try fields.optionalText("bucket"),
            region: try fields.text("region"),
            service: try fields.optionalText("service") ?? "s3",
            key: AccessKey(
                id: try fields.text("access_key"),
                secret: Secret(try fields.text("secret_key")),
                sessionToken: try fields.optionalText("session_token").map(Secret.init)
            )
        )
    }

    private static func request(_ fields: BatchFields) throws(BatchError) -> ObjectRequest {
        ObjectRequest(
            try choice(
                "method",
                fields.optionalText("method") ?? "GET",
                of: HTTPMethod.allCases
            ),
            ObjectKey(try fields.optionalText("key") ?? ""),
            headers: try headers(fields),
            query: try fields.pairs("query").map { QueryItem($0.name, $0.value) },
            lifetime: try fields.integer("expires_in")
        )
    }

    /// A JSON object has no order, so two headers of one name would have no certain signature.
    private static func headers(_ fields: BatchFields) throws(BatchError) -> [Header] {
        var headers: [Header] = []
        var names: Set<[UInt8]> = []
        for (name, value) in try fields.pairs("headers") {
            guard names.insert(CanonicalHeaders.lowercased(name)).inserted else {
                throw BatchError("the field \"headers\" is wrong: it has \(name) twice")
            }
            headers.append(Header(name, value))
        }
        return headers
    }

    private static func date(_ fields: BatchFields) throws(BatchError) -> Timestamp? {
        guard let text = try fields.optionalText("date") else { return nil }
        // Written back it must be the same: no fraction, and no year that nanoseconds cannot hold.
        guard let moment = Timestamp(rfc3339: text), moment.rfc3339.utf8.elementsEqual(text.utf8)
        else {
            throw BatchError(
                "the field \"date\" is wrong: \"\(NameText.shown(Array(text.utf8)))\" is no time; "
                    + "write it as 2026-11-23T18:00:00Z"
            )
        }
        return moment
    }

    private static func choice<Choice: RawRepresentable<String>>(
        _ field: String,
        _ text: String,
        of choices: [Choice]
    ) throws(BatchError) -> Choice {
        guard let choice = choices.first(where: { $0.rawValue.utf8.elementsEqual(text.utf8) })
        else {
            throw BatchError(
                "the field \"\(field)\" is wrong: \"\(NameText.shown(Array(text.utf8)))\" is none "
                    + "of " + choices.map(\.rawValue).joined(separator: ", ")
            )
        }
        return choice
    }

    /// The field that an error of the signer is about.
    private static func field(of error: SignError) -> String {
        switch error {
        case .lifetime: "expires_in"
        case .noBucket, .bucketInHost: "bucket"
        case .scope(let part, _): part
        case .noKeyID: "access_key"
        case .noSecret: "secret_key"
        case .headerName, .headerValue, .hostHeader: "headers"
        case .reservedParameter: "query"
        }
    }
}
