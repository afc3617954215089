// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Writes a link event as one line of JSON Lines, the primary form of a manifest.
///
/// The keys and their order are fixed; readers ignore those they do not know. A line is valid UTF-8,
/// ends with its only line feed, and is made of bytes alone: this is on the way of every file.
public enum ManifestLine: Sendable {
    /// The bytes one line takes as a rule, for reserving room.
    public static let usualLength = 1_536

    /// Appends the line of an event, with its line feed.
    ///
    /// A `path` or `key` that is no good text (`NameText`) stands as its `%XX` text, and its bytes
    /// follow in base64 as `path_b64` or `key_b64`; these two keys are there only then.
    public static func append(_ event: LinkEvent, to line: inout [UInt8]) {
        line.appendHead(event.sequence, event.kind, event.link.id, event.link.revision)
        line.appendField("template", event.template)
        line.appendName("path", event.name.bytes)
        appendContent(of: event, to: &line)
        line.appendField("store", event.store)
        line.appendField("bucket", event.bucket)
        line.appendName("key", event.key.bytes)
        appendProof(of: event.receipt, to: &line)
        appendAccess(of: event, to: &line)
        if let group = event.group { append(group, to: &line) }
        line.append(text: "}\n")
    }

    /// Appends the line of an event, with its line feed.
    public static func append(_ event: SinkEvent, to line: inout [UInt8]) {
        switch event {
        case .link(let event): append(event, to: &line)
        case .group(let event): append(event, to: &line)
        case .ended(let event): append(event, to: &line)
        case .failure(let event): append(event, to: &line)
        }
    }

    /// Appends the line of a group, which comes after those of its links.
    static func append(_ event: GroupEvent, to line: inout [UInt8]) {
        line.appendHead(event.sequence, .groupPublished, event.mark.id, event.mark.revision)
        line.appendField("template", event.template)
        line.appendName("path", event.mark.name.bytes)
        line.append(text: ",\"members\":")
        line.appendDecimal(event.members)
        line.append(text: ",\"bytes\":")
        line.appendDecimal(Int(event.size))
        line.appendMoment("published_at", event.publishedAt)
        if let page = event.page {
            line.append(text: ",\"url\":")
            line.appendJSONString(page.url.reveal())
            line.appendMoment("expires_at", page.expiresAt)
        }
        line.append(text: "}\n")
    }

    private static func append(_ group: GroupMark, to line: inout [UInt8]) {
        line.append(text: ",\"group\":{\"id\":\"")
        group.id.append(to: &line)
        line.append(UInt8(ascii: "\""))
        line.appendName("name", group.name.bytes)
        line.append(text: ",\"rev\":")
        line.appendDecimal(group.revision)
        line.append(UInt8(ascii: "}"))
    }

    /// The event of the line that ends a snapshot.
    static let snapshotEvent = "manifest.snapshot"

    /// The line that ends the snapshot at the head of a manifest that was begun anew, with its line
    /// feed: the lines above are the links that could be used, under the numbers they always had.
    ///
    /// - Parameters:
    ///   - sequence: The last number of the manifest before, which this line has again.
    ///   - links: How many links the snapshot has.
    ///   - now: When it was made.
    /// - Returns: The line.
    public static func snapshotEnd(
        sequence: Int64,
        links: Int,
        at now: Timestamp
    ) -> [UInt8] {
        var line: [UInt8] = []
        line.append(text: "{\"seq\":")
        line.appendDecimal(Int(sequence))
        line.appendField("event", snapshotEvent)
        line.append(text: ",\"links\":")
        line.appendDecimal(links)
        line.appendMoment("at", now)
        line.append(text: "}\n")
        return line
    }

    /// The line of an event, with its line feed.
    public static func bytes(of event: LinkEvent) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(usualLength)
        append(event, to: &line)
        return line
    }

    private static func appendContent(of event: LinkEvent, to line: inout [UInt8]) {
        line.append(text: ",\"size\":")
        line.appendDecimal(Int(event.receipt.size))
        line.appendMoment("mtime", event.modified, precise: true)
        line.append(text: ",\"sha256\":\"")
        line.appendHex(event.receipt.sha256)
        // Big-endian, as S3 writes it in x-amz-checksum-crc64nvme.
        line.append(text: "\",\"crc64nvme\":\"")
        let crc = event.receipt.crc64nvme
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: crc >> UInt64(56 - 8 * $0)) }
        line.append(text: bytes.base64)
        line.append(UInt8(ascii: "\""))
        line.appendField("content_type", event.receipt.contentType)
    }

    private static func appendProof(of receipt: Receipt, to line: inout [UInt8]) {
        line.appendField("etag", receipt.etag)
        if let version = receipt.versionID {
            line.appendField("version_id", version)
        } else {
            line.append(text: ",\"version_id\":null")
        }
        line.appendField("integrity", receipt.integrity.rawValue)
    }

    private static func appendAccess(of event: LinkEvent, to line: inout [UInt8]) {
        line.append(text: ",\"method\":\"GET\",\"url\":")
        line.appendJSONString(event.url.reveal())
        line.append(text: ",\"expires_in\":")
        line.appendDecimal(event.link.expiresIn)
        line.appendMoment("issued_at", event.link.issuedAt)
        line.appendMoment("expires_at", event.link.expiresAt)
        line.appendField("limited_by", event.link.limitedBy.rawValue)
        if let proven = event.link.provenAt {
            line.appendMoment("proven_at", proven)
        } else {
            line.append(text: ",\"proven_at\":null")
        }
    }
}

extension [UInt8] {
    /// Appends what every line of an event begins with; a failure has no revision.
    mutating func appendHead(
        _ sequence: Int64,
        _ kind: LinkEvent.Kind,
        _ id: UniqueID,
        _ revision: Int? = nil
    ) {
        append(text: "{\"seq\":")
        appendDecimal(Int(sequence))
        appendField("event", kind.rawValue)
        append(text: ",\"id\":\"")
        id.append(to: &self)
        append(UInt8(ascii: "\""))
        guard let revision else { return }
        append(text: ",\"rev\":")
        appendDecimal(revision)
    }

    /// Appends `,"name":"value"`.
    mutating func appendField(_ name: StaticString, _ value: String) {
        appendName(of: name)
        appendJSONString(value)
    }

    /// Appends `,"name":"text"`, and the bytes in base64 if they are no good text.
    mutating func appendName(_ name: StaticString, _ bytes: [UInt8]) {
        appendName(of: name)
        guard !NameText.isGood(bytes) else { return appendJSONString(bytes) }
        appendJSONString(NameText.percentEscaped(bytes))
        append(text: ",\"\(name)_b64\":\"")
        append(text: bytes.base64)
        append(UInt8(ascii: "\""))
    }

    mutating func appendMoment(
        _ name: StaticString,
        _ moment: Timestamp,
        precise: Bool = false
    ) {
        appendName(of: name)
        append(UInt8(ascii: "\""))
        moment.appendRFC3339(to: &self, precise: precise)
        append(UInt8(ascii: "\""))
    }

    private mutating func appendName(of name: StaticString) {
        append(text: ",\"")
        name.withUTF8Buffer { unsafe append(contentsOf: $0) }
        append(text: "\":")
    }
}
