// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What one line of a batch asks for.
struct BatchRequest: Sendable {
    /// A signer, and the fields it was made of.
    struct KnownSigner: Sendable {
        fileprivate let fields: [[UInt8]?]
        fileprivate let signer: any URLSigner
    }

    /// What signs the request; the next line may well need the same.
    let signer: KnownSigner
    private let request: ObjectRequest
    private let conditions: GrantConditions
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
        let form = BatchForm(scheme: try fields.choice("scheme", of: SignatureScheme.allCases))
        try fields.allow(only: form.fields, for: form.scheme.rawValue)
        moment = try fields.moment("date") ?? now
        request = try Self.request(fields)
        conditions = GrantConditions(
            notBefore: try fields.moment("not_before"),
            address: try fields.optionalText("ip"),
            resource: try fields.optionalText("resource")
        )
        signer = try Self.signer(form, fields, known: known)
    }

    /// Signs it.
    func sign() throws(BatchError) -> SignedRequest {
        do {
            return try signer.signer.presign(request, under: conditions, at: moment)
        } catch {
            throw BatchError(error)
        }
    }

    private static func signer(
        _ form: BatchForm,
        _ fields: BatchFields,
        known: KnownSigner?
    ) throws(BatchError) -> KnownSigner {
        var bytes: [[UInt8]?] = []
        for name in form.signerFields { bytes.append(try fields.bytes(name)) }
        if let known, known.fields == bytes { return known }
        return KnownSigner(fields: bytes, signer: try form.signer(fields))
    }

    private static func request(_ fields: BatchFields) throws(BatchError) -> ObjectRequest {
        ObjectRequest(
            try fields.choice("method", of: HTTPMethod.allCases, default: .get),
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
}
