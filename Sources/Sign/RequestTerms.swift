// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// What a person wants of a URL besides method and object, in words that no scheme owns.
///
/// Each scheme has names of its own for them, and not every one covers all: a term that the client
/// could leave out unnoticed is refused, because the URL would promise what nobody enforces.
public struct RequestTerms: Hashable, Sendable {
    /// The type that is stored with the object (PUT).
    public var contentType: String?
    /// The whole `Content-Disposition`: stored with the object (PUT), or answered (GET, HEAD).
    public var contentDisposition: String?
    /// The type that is answered in place of the stored one (GET, HEAD).
    public var responseContentType: String?
    /// The version of the object; a generation in Google's words.
    public var versionID: String?
    /// Whether an object that is there already must stay (PUT).
    public var keepsExisting = false
    /// The exact number of bytes (PUT).
    public var contentLength: Int64?
    /// Further headers that the client sends.
    public var headers: [Header] = []
    /// Further parameters.
    public var query: [QueryItem] = []

    /// Makes terms; none by default.
    public init() {}

    /// Puts the terms into the words of a scheme.
    ///
    /// - Throws: `TermError` for a term that the method or the scheme does not have.
    public func request(
        _ method: HTTPMethod,
        _ key: ObjectKey,
        lifetime: Int,
        by scheme: SignatureScheme
    ) throws(TermError) -> ObjectRequest {
        try requireValues()
        try requireMethod(method)
        try requireCovered(by: scheme)
        var request = ObjectRequest(
            method,
            key,
            headers: headers,
            query: query,
            lifetime: lifetime
        )
        let words = Words(scheme)
        if method == .put {
            request.headers += words.fixed
            add(contentType, words.contentType, to: &request.headers)
            add(contentDisposition, words.contentDisposition, to: &request.headers)
            add(contentLength.map { String($0) }, "content-length", to: &request.headers)
            if keepsExisting { request.headers.append(words.keepsExisting) }
        } else {
            add(contentDisposition, words.responseDisposition, to: &request.query)
            add(responseContentType, words.responseType, to: &request.query)
        }
        add(versionID, words.version, to: &request.query)
        return request
    }

    private func requireValues() throws(TermError) {
        let texts: [(TermError.Term, String?)] = [
            (.contentType, contentType), (.responseContentType, responseContentType),
            (.versionID, versionID),
        ]
        for (term, text) in texts {
            guard let text else { continue }
            if text.isEmpty { throw TermError(term, "has no value") }
            if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
                throw TermError(term, "has a line break or another control character")
            }
        }
        var names: Set<[UInt8]> = []
        for header in headers
        where !names.insert(CanonicalHeaders.lowercased(header.name)).inserted {
            throw TermError(.header, "\(NameText.shown(Array(header.name.utf8))) is given twice")
        }
    }

    private func requireMethod(_ method: HTTPMethod) throws(TermError) {
        let isReading = method == .get || method == .head
        if method != .put {
            if contentType != nil {
                throw TermError(
                    .contentType,
                    "is stored with an upload"
                        + (isReading
                            ? "; to change what a GET answers: --response-content-type" : "")
                )
            }
            if keepsExisting { throw TermError(.noOverwrite, "is for uploads (PUT)") }
            if contentLength != nil { throw TermError(.contentLength, "is for uploads (PUT)") }
        }
        if !isReading {
            if responseContentType != nil {
                throw TermError(
                    .responseContentType,
                    "changes what GET and HEAD answer; for an upload: --content-type"
                )
            }
            if method != .put, contentDisposition != nil {
                throw TermError(.filename, "is for GET, HEAD and PUT")
            }
        }
        if method == .put, versionID != nil {
            throw TermError(.versionID, "names a version that is there; PUT makes a new one")
        }
    }

    private func requireCovered(by scheme: SignatureScheme) throws(TermError) {
        let isCovered = scheme == .sigV4 || scheme == .googleV4
        if contentLength != nil, !isCovered {
            throw TermError(.contentLength, "is not covered by \(scheme.rawValue)")
        }
        if keepsExisting, !isCovered, scheme != .azureSAS {
            throw TermError(.noOverwrite, "is not covered by \(scheme.rawValue)")
        }
        if let header = headers.first(where: { !Self.covers($0, scheme) }) {
            throw TermError(
                .header,
                "\(NameText.shown(Array(header.name.utf8))) is not covered by \(scheme.rawValue)"
            )
        }
        if versionID != nil, scheme == .azureSAS {
            throw TermError(.versionID, "is not available for azure-sas")
        }
    }

    /// Whether a request without the header would be refused.
    private static func covers(_ header: Header, _ scheme: SignatureScheme) -> Bool {
        switch scheme {
        case .sigV4, .googleV4: true
        case .sigV2:
            header.isNamed("content-type") || header.isNamed("content-md5")
                || CanonicalHeaders.lowercased(header.name).starts(with: "x-amz-".utf8)
        case .azureSAS, .cloudFront: false
        }
    }

    private func add(_ value: String?, _ name: String, to headers: inout [Header]) {
        if let value { headers.append(Header(name, value)) }
    }

    private func add(_ value: String?, _ name: String, to query: inout [QueryItem]) {
        if let value { query.append(QueryItem(name, value)) }
    }
}

/// The names that a scheme's stores have for the terms.
private struct Words {
    var contentType = "content-type"
    var contentDisposition = "content-disposition"
    var responseType = "response-content-type"
    var responseDisposition = "response-content-disposition"
    var version = "versionId"
    var keepsExisting = Header("if-none-match", "*")
    /// What every PUT must send.
    var fixed: [Header] = []

    init(_ scheme: SignatureScheme) {
        switch scheme {
        case .sigV4, .sigV2, .cloudFront:
            break
        case .googleV4:
            version = "generation"
            keepsExisting = Header("x-goog-if-generation-match", "0")
        case .azureSAS:
            contentType = "x-ms-blob-content-type"
            contentDisposition = "x-ms-blob-content-disposition"
            responseType = "rsct"
            responseDisposition = "rscd"
            fixed = [
                Header("x-ms-blob-type", "BlockBlob"), Header("x-ms-version", AzureSigner.version),
            ]
        }
    }
}
