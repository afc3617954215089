// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The lines of events that have no URL to tell.
extension ManifestLine {
    /// Appends the line of a link that has ended.
    static func append(_ event: LinkEnding, to line: inout [UInt8]) {
        line.appendHead(event.sequence, event.kind, event.link.id, event.link.revision)
        line.appendField("template", event.template)
        line.appendName("path", event.name.bytes)
        line.append(text: ",\"size\":")
        line.appendDecimal(Int(event.size))
        line.appendField("store", event.store)
        line.appendField("bucket", event.bucket)
        line.appendName("key", event.key.bytes)
        if let reason = event.reason { line.appendField("reason", reason.rawValue) }
        line.appendMoment("expires_at", event.link.expiresAt)
        line.appendMoment("at", event.at)
        line.append(text: "}\n")
    }

    /// Appends the line of a file that needs a person.
    static func append(_ event: UploadFailure, to line: inout [UInt8]) {
        line.appendHead(event.sequence, .failed, event.id)
        line.appendField("template", event.template)
        line.appendName("path", event.name.bytes)
        line.append(text: ",\"size\":")
        line.appendDecimal(Int(event.size))
        line.appendField("store", event.store)
        line.appendName("key", event.key.bytes)
        line.appendField("problem", event.code)
        line.appendField("message", event.message)
        line.appendMoment("at", event.at)
        line.append(text: "}\n")
    }
}
