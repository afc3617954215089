// SPDX-License-Identifier: Apache-2.0

import Jobs
import NIOCore
import Sign

/// How a form that was taken is answered, which its fields decide ("POST Object", Amazon S3 API
/// Reference): a redirect, or the status 200, 201 or 204.
struct FormAnswer: Sendable {
    let answer: Answer

    init(_ form: SubmittedForm, _ record: ObjectRecord, bucket: [UInt8], at place: String) {
        let etag = "\"\(record.etag)\""
        let headers = [Header("etag", etag)] + record.checksums
        let empty = headers + [Header("location", place), Header("content-length", "0")]
        if let target = Self.redirect(form, record, bucket: bucket) {
            let location = [Header("location", target), Header("content-length", "0")]
            answer = Answer(status: 303, headers: headers + location, body: .none)
            return
        }
        switch form.text("success_action_status") {
        case "200": answer = Answer(status: 200, headers: empty, body: .none)
        case "201":
            let xml = XMLText.document(
                "PostResponse",
                [
                    Header("Location", place),
                    Header("Bucket", String(decoding: bucket, as: UTF8.self)),
                    Header("Key", String(decoding: record.key.bytes, as: UTF8.self)),
                    Header("ETag", etag),
                ]
            )
            let more = [
                Header("location", place), Header("content-type", "application/xml"),
                Header("content-length", "\(xml.count)"),
            ]
            answer = Answer(
                status: 201,
                headers: headers + more,
                body: .bytes(ByteBuffer(bytes: xml))
            )
        // An answer 204 has no length (RFC 9110, section 8.6).
        default: answer = Answer(status: 204, headers: Array(empty.dropLast()), body: .none)
        }
    }

    /// Where the browser goes next, with bucket, key and ETag in the query.
    ///
    /// As the field is covered by the policy, whoever signed chose the address. One that no header
    /// can hold is passed over, as S3 does.
    private static func redirect(
        _ form: SubmittedForm,
        _ record: ObjectRecord,
        bucket: [UInt8]
    ) -> String? {
        guard let target = form.text("success_action_redirect"),
            target.hasPrefix("https://") || target.hasPrefix("http://"),
            target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return nil }
        var query: [UInt8] = []
        for (name, value) in [
            ("bucket", bucket), ("key", record.key.bytes),
            ("etag", Array("\"\(record.etag)\"".utf8)),
        ] {
            query.append(text: query.isEmpty ? "\(name)=" : "&\(name)=")
            query += PercentText.encode(value)
        }
        let mark = target.contains("?") ? "&" : "?"
        return target + mark + String(decoding: query, as: UTF8.self)
    }
}
