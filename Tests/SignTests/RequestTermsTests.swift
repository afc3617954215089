// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Sign

@Suite("The terms of a URL")
struct RequestTermsTests {
    private func request(
        _ method: HTTPMethod,
        _ scheme: SignatureScheme,
        _ change: (inout RequestTerms) -> Void
    ) throws(TermError) -> ObjectRequest {
        var terms = RequestTerms()
        change(&terms)
        return try terms.request(method, ObjectKey("k"), lifetime: 60, by: scheme)
    }

    @Test(
        "say in each store's words that an upload must not replace anything",
        arguments: [
            (SignatureScheme.sigV4, Header("if-none-match", "*")),
            (.googleV4, Header("x-goog-if-generation-match", "0")),
            (.azureSAS, Header("if-none-match", "*")),
        ]
    )
    func noOverwrite(scheme: SignatureScheme, header: Header) throws {
        let request = try request(.put, scheme) { $0.keepsExisting = true }
        #expect(request.headers.contains(header))
    }

    @Test("become parameters of a GET and headers of a PUT")
    func disposition() throws {
        let value = "attachment; filename=\"a\""
        func both(_ terms: inout RequestTerms) { terms.contentDisposition = value }
        #expect(
            try request(.get, .sigV4, both).query
                == [QueryItem("response-content-disposition", value)]
        )
        #expect(try request(.get, .azureSAS, both).query == [QueryItem("rscd", value)])
        #expect(
            try request(.put, .googleV4, both).headers == [Header("content-disposition", value)]
        )
        #expect(
            try request(.put, .azureSAS, both).headers.contains(
                Header("x-ms-blob-content-disposition", value)
            )
        )
    }

    @Test("pin a version in each store's words")
    func version() throws {
        func one(_ terms: inout RequestTerms) { terms.versionID = "7" }
        #expect(try request(.get, .sigV2, one).query == [QueryItem("versionId", "7")])
        #expect(try request(.get, .googleV4, one).query == [QueryItem("generation", "7")])
    }

    @Test("of an Azure upload say what kind of blob it is, always")
    func blobType() throws {
        let headers = try request(.put, .azureSAS) { _ in }.headers
        #expect(headers.contains(Header("x-ms-blob-type", "BlockBlob")))
    }

    @Test("are refused where nobody would enforce them")
    func refused() {
        let cases: [(HTTPMethod, SignatureScheme, TermError.Term, (inout RequestTerms) -> Void)] = [
            (.put, .sigV2, .noOverwrite, { $0.keepsExisting = true }),
            (.put, .cloudFront, .noOverwrite, { $0.keepsExisting = true }),
            (.put, .sigV2, .contentLength, { $0.contentLength = 1 }),
            (.put, .azureSAS, .contentLength, { $0.contentLength = 1 }),
            (.get, .sigV4, .noOverwrite, { $0.keepsExisting = true }),
            (.get, .sigV4, .contentLength, { $0.contentLength = 1 }),
            (.get, .sigV4, .contentType, { $0.contentType = "a/b" }),
            (.put, .sigV4, .responseContentType, { $0.responseContentType = "a/b" }),
            (.put, .sigV4, .versionID, { $0.versionID = "1" }),
            (.get, .azureSAS, .versionID, { $0.versionID = "1" }),
            (.put, .sigV2, .header, { $0.headers = [Header("foo", "bar")] }),
            (.get, .azureSAS, .header, { $0.headers = [Header("x-ms-a", "b")] }),
            (.get, .cloudFront, .header, { $0.headers = [Header("range", "bytes=0-0")] }),
            (.get, .sigV4, .header, { $0.headers = [Header("a", "1"), Header("A", "2")] }),
            (.get, .sigV4, .versionID, { $0.versionID = "" }),
            (.get, .sigV4, .responseContentType, { $0.responseContentType = "a\r\nb" }),
            (.delete, .sigV4, .filename, { $0.contentDisposition = "inline" }),
        ]
        for (method, scheme, term, change) in cases {
            let error = #expect(throws: TermError.self) { try request(method, scheme, change) }
            #expect(error?.term == term, "\(method) \(scheme)")
        }
    }
}
