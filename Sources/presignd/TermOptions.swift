// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Jobs
import Objects
import Sign

/// What a URL covers besides method and object.
struct TermOptions: ParsableArguments {
    @Option(help: "The type the client must upload (PUT, POST).")
    var contentType: String?

    @Option(
        name: .customLong("header"),
        help: "A header the client must send, 'name: value'; may be repeated."
    )
    var headers: [String] = []

    @Option(help: "The name the object is saved under: answered (GET), or stored (PUT).")
    var filename: String?

    @Flag(help: "Have browsers save the object and not show it.")
    var attachment = false

    @Option(help: "The type that is answered in place of the stored one (GET, HEAD).")
    var responseContentType: String?

    @Option(help: "The version of the object; the generation at Google.")
    var versionID: String?

    @Flag(help: "Refuse the upload if the key is taken (PUT).")
    var noOverwrite = false

    @Option(help: "The exact number of bytes the client must upload (PUT).")
    var contentLength: Int64?

    @Option(help: "Who may use the URL: an address (Azure, CloudFront), range a-b or block a/24.")
    var ip: String?

    /// The terms, for an object whose own name stands in where none is given.
    func terms(for key: ObjectKey) throws -> RequestTerms {
        if let contentLength, contentLength < 0 {
            throw CommandFailure.usage("--content-length must not be negative")
        }
        var terms = RequestTerms()
        terms.contentType = contentType
        terms.responseContentType = responseContentType
        terms.versionID = versionID
        terms.keepsExisting = noOverwrite
        terms.contentLength = contentLength
        terms.headers = try headers.map(Self.header)
        if filename != nil || attachment {
            let name = filename.map { FileName($0) } ?? FileName(bytes: key.bytes)
            // A name without --attachment leaves it to the browser whether to show the object.
            let disposition: Disposition = attachment ? .attachment : .inline
            terms.contentDisposition = ContentDisposition.value(disposition, name)
        }
        return terms
    }

    /// Reads `name: value`.
    static func header(_ text: String) throws -> Header {
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
            throw CommandFailure.usage("--header \"\(text)\" is no header; write 'name: value'")
        }
        let value = text[text.index(after: colon)...].drop { $0 == " " }
        return Header(String(text[..<colon]), String(value))
    }
}
