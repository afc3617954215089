// SPDX-License-Identifier: Apache-2.0

public import Jobs
import Manifests

/// One event as a push sink is told of it: the same, byte for byte, at every attempt.
///
/// It holds a signed URL, so it prints as the event and its id alone.
public struct Notice: Hashable, Sendable {
    /// The event's own id (a UUIDv7), constant over retries: `webhook-id`.
    public let id: UniqueID
    /// When it happened.
    public let at: Timestamp
    /// What happened, such as `link.created`.
    public let event: String
    /// The members of the event's manifest line but `seq`, as one JSON object without a line feed.
    public let data: [UInt8]

    /// Makes the notice of an event.
    public init(id: UniqueID, at moment: Timestamp, of event: SinkEvent) {
        self.id = id
        at = moment
        self.event = event.kind.rawValue
        var line: [UInt8] = []
        ManifestLine.append(event, to: &line)
        data = Self.withoutSequence(line[...])
    }

    /// Makes a notice of an event's JSON as it stands in a manifest, with or without `seq` in front.
    ///
    /// - Returns: Nothing when the line is no JSON object that says its `event`.
    public init?(id: UniqueID, at moment: Timestamp, line: [UInt8]) {
        let data = Self.withoutSequence(line[...])
        guard case .object(let members)? = try? JSONReader.read(data),
            case .text(let event)? = members.first(where: { $0.name == Array("event".utf8) })?.value
        else { return nil }
        self.id = id
        at = moment
        self.event = String(decoding: event, as: UTF8.self)
        self.data = data
    }

    /// One line of JSON for those who have no header for the event's id: `data` with `event_id` in front,
    /// and a line feed.
    public var line: [UInt8] {
        Array("{\"event_id\":\"\(id)\",".utf8) + data.dropFirst() + [0x0a]
    }

    /// A manifest line without its number, which is the manifest's own, and its line feed.
    private static func withoutSequence(_ line: ArraySlice<UInt8>) -> [UInt8] {
        var line = line
        while line.last == 0x0a { line.removeLast() }
        let front = Array("{\"seq\":".utf8)
        guard line.starts(with: front) else { return Array(line) }
        let rest = line.dropFirst(front.count).drop { $0.isASCIIDigit }
        guard rest.first == UInt8(ascii: ",") else { return Array(line) }
        return [UInt8(ascii: "{")] + rest.dropFirst()
    }
}

extension Notice: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The event and its id.
    public var description: String { "\(event) \(id)" }
    /// The same as `description`.
    public var debugDescription: String { description }
    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
