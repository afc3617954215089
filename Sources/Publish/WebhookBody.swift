// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What a webhook sends for an event.
struct WebhookBody {
    /// The most bytes of a body (Standard Webhooks, "Payload size").
    static let limit = 20_000

    let bytes: [UInt8]
    let contentType: String

    /// Makes the body of a notice.
    init(_ notice: Notice, as form: WebhookSettings.Body) {
        switch form {
        case .standard:
            contentType = "application/json"
            bytes = Self.standard(notice)
        case .cloudEvents:
            contentType = "application/cloudevents+json"
            bytes = Self.cloudEvent(notice)
        case .template(let template, let type, let escaping):
            contentType = type
            bytes = template.filled(escaping, NoticeFields(notice).value)
        }
    }

    private static func standard(_ notice: Notice) -> [UInt8] {
        var body: [UInt8] = []
        body.append(text: "{\"type\":")
        body.appendJSONString(notice.event)
        body.append(text: ",\"timestamp\":\"\(notice.at.rfc3339)\",\"data\":")
        body.append(contentsOf: notice.data)
        body.append(text: "}")
        return body
    }

    /// CloudEvents 1.0 in structured mode (CloudEvents JSON format, section 3).
    private static func cloudEvent(_ notice: Notice) -> [UInt8] {
        let fields = NoticeFields(notice)
        var body: [UInt8] = []
        body.append(text: "{\"specversion\":\"1.0\",\"id\":\"\(notice.id)\",\"source\":")
        body.appendJSONString(Array("/presignd/".utf8) + fields["template"])
        body.append(text: ",\"type\":")
        body.appendJSONString(notice.event)
        body.append(text: ",\"time\":\"\(notice.at.rfc3339)\"")
        // It must not be empty where it stands.
        let subject = fields["path"].isEmpty ? fields["group"] : fields["path"]
        if !subject.isEmpty {
            body.append(text: ",\"subject\":")
            body.appendJSONString(subject)
        }
        body.append(text: ",\"datacontenttype\":\"application/json\",\"data\":")
        body.append(contentsOf: notice.data)
        body.append(text: "}")
        return body
    }
}
