// SPDX-License-Identifier: Apache-2.0

import Jobs
import Sign

/// What `presign --method POST` prints of one form.
struct PostAnswer {
    let form: SignedForm
    let issuedAt: Timestamp

    /// One JSON object for scripts; the fields stand in the order they are sent in.
    ///
    /// Written by hand: an encoder would sort them, and `file` must come last.
    var json: String {
        var text: [UInt8] = []
        text.append(text: #"{"url":"#)
        text.appendJSONString(form.url)
        text.append(text: #","method":"POST","fields":{"#)
        for (index, field) in form.reveal().enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text.appendJSONString(field.name)
            text.append(UInt8(ascii: ":"))
            text.appendJSONString(field.value)
        }
        text.append(text: #"},"issued_at":"#)
        text.appendJSONString(issuedAt.rfc3339)
        text.append(text: #","expires_at":"#)
        text.appendJSONString(form.expiresAt.rfc3339)
        text.append(text: #","scheme":"#)
        text.appendJSONString(SignatureScheme.sigV4.rawValue)
        text.append(UInt8(ascii: "}"))
        return String(decoding: text, as: UTF8.self)
    }

    /// A line for a shell that uploads `FILE`.
    ///
    /// `--form-string` takes a value as it is, where `-F` would read files for `@` and `<` and stop
    /// at a semicolon. It wants no `%` or backslash escapes; the shell sees single quotes only.
    var curl: String {
        var words = ["curl", "-sS", "--fail-with-body"]
        for field in form.reveal() {
            let value = String(decoding: field.value, as: UTF8.self)
            words += ["--form-string", ShellWord.quoted("\(field.name)=\(value)")]
        }
        words += ["-F", "file=@FILE", ShellWord.quoted(form.url)]
        return words.joined(separator: " ")
    }
}
