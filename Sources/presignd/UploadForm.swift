// SPDX-License-Identifier: Apache-2.0

import Jobs
import Sign

/// A page with an upload form, whole in one file: nothing is fetched, no script runs.
///
/// It is opened in a browser as it is, from the disk or from any server. Who has it may upload until
/// it expires. A store answers a form without `success_action_status` by 204, which a browser shows
/// as nothing at all: ask for 201, or a redirect, in the policy.
enum UploadForm {
    /// Writes the page.
    ///
    /// - Parameters:
    ///   - form: what is sent; every value stands in an attribute, escaped for that.
    ///   - title: what it is for, such as the name of the bucket.
    /// - Returns: HTML in UTF-8. A field whose value holds a line break is sent by browsers with
    ///   CR LF in its place (HTML, "Constructing the entry list"), which the policy then refuses;
    ///   `SigV4Signer.form` makes none but in a key.
    static func html(_ form: SignedForm, title: String) -> [UInt8] {
        var page: [UInt8] = []
        let origins = escaped(origins(of: form).joined(separator: " "))
        let title = escaped(title)
        page.append(
            text: """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta http-equiv="Content-Security-Policy" content="\
                default-src 'none'; style-src '\(styleHash)'; form-action \(origins)">
                <meta name="referrer" content="no-referrer">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>\(title)</title>
                <style>\(style)</style>
                </head>
                <body>
                <h1>\(title)</h1>
                <p>This form works until \(escaped(form.expiresAt.rfc3339)).</p>
                <form action="\(escaped(form.url))" method="post" enctype="multipart/form-data">

                """
        )
        for field in form.reveal() {
            page.append(text: #"<input type="hidden" name="\#(escaped(field.name))" value=""#)
            append(escaping: field.value, to: &page)
            page.append(text: "\">\n")
        }
        // The file comes last: a store passes over what follows it.
        page.append(
            text: """
                <input type="file" name="file" required>
                <button>Upload</button>
                </form>
                </body>
                </html>

                """
        )
        return page
    }

    private static let style =
        "body{font:1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:4rem auto;padding:0 1rem}"
        + "input,button{font:inherit;display:block;margin:1rem 0}"
    /// The digest of `style`, which the page's own policy allows and nothing else.
    private static let styleHash = "sha256-5CSgxcVRDYLxsiJmLTaGjdC06AAhghSmi0oA+OVbK3Y="

    /// Where the form may go: the store, and whereto that sends the browser on, for the policy of
    /// the page counts then too (CSP 3, "form-action Navigation Response Check").
    private static func origins(of form: SignedForm) -> [String] {
        let next = form.reveal().first { $0.name.lowercased() == "success_action_redirect" }
        let urls = [form.url] + (next.map { [String(decoding: $0.value, as: UTF8.self)] } ?? [])
        return urls.map { url in
            url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
                .prefix(3).joined(separator: "/")
        }
        // A quote or a semicolon would be a directive of its own.
        .filter { $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"'\";,".utf8.contains($0) } }
    }

    private static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        append(escaping: Array(text.utf8), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Escapes text for the inside of an element or of a quoted attribute.
    ///
    /// Besides the five characters that mean something in HTML, line breaks and tabs: a parser
    /// takes CR LF for LF. A byte that is not UTF-8 cannot be in a policy either.
    private static func append(escaping text: [UInt8], to page: inout [UInt8]) {
        for byte in text {
            switch byte {
            case 0..<0x20, 0x7f: page.append(text: "&#\(byte);")
            default: page.appendMarkup(CollectionOfOne(byte))
            }
        }
    }
}
