// SPDX-License-Identifier: Apache-2.0

import Dispatch
import FoundationEssentials
import Glibc
import Jobs
import Testing

/// A folder that goes away with the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/presignd-publish-XXXXXX".utf8CString)
        let made = unsafe mkdtemp(&template) != nil
        try #require(made)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    subscript(name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: self[name]))
    }
}

/// The lines of a file with their sequence numbers, and what follows the last line feed.
func content(_ path: String) throws -> (sequences: [Int64], torn: String) {
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let torn = lines.popLast().map(String.init) ?? ""
    struct Line: Decodable { var seq: Int64 }
    let sequences = try lines.map {
        try JSONDecoder().decode(Line.self, from: Data($0.utf8)).seq
    }
    return (sequences, torn)
}

/// Runs what looks again and again on a thread of its own: the pool's may all be taken by others.
func onThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        // A queue of its own has a thread of its own; the global ones share the pool's.
        DispatchQueue(label: "reader").async {
            continuation.resume(with: Result(catching: body))
        }
    }
}

func mode(_ path: String) -> mode_t? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
}

/// Events of links with the given numbers, as a sink is told of them.
func events(_ sequences: some Sequence<Int64>) -> [SinkEvent] {
    linkEvents(sequences).map(SinkEvent.link)
}

/// Events of links with the given numbers.
func linkEvents(_ sequences: some Sequence<Int64>) -> [LinkEvent] {
    sequences.map { sequence in
        LinkEvent(
            sequence: sequence,
            kind: .created,
            link: Link(
                id: UniqueID(at: Timestamp(seconds: sequence), random: (1, 2)),
                revision: 1,
                issuedAt: Timestamp(seconds: 1_795_456_800),
                expiresIn: 86_400,
                limitedBy: .asked
            ),
            template: "inbox",
            name: FileName("file \(sequence)"),
            modified: Timestamp(seconds: 1_795_456_798),
            receipt: Receipt(
                size: 1,
                sha256: [UInt8](repeating: 7, count: 32),
                crc64nvme: 1,
                contentType: "text/plain",
                etag: "e",
                integrity: .signed
            ),
            store: "local",
            bucket: "local",
            key: ObjectKey("k/\(sequence)"),
            url: SignedURL(Array("http://127.0.0.1:9400/local/k?X-Amz-Signature=0".utf8))
        )
    }
}

/// The end of the link of `linkEvents([41])`, to a file of this name.
func ending(
    _ kind: LinkEvent.Kind,
    _ name: FileName = FileName("reports/a b.pdf"),
    reason: LinkEnding.Reason? = nil
) throws -> LinkEnding {
    let told = try #require(linkEvents([41]).first)
    return LinkEnding(
        sequence: 42,
        kind: kind,
        link: told.link,
        at: Timestamp(seconds: 1_795_460_400),
        reason: reason,
        template: told.template,
        name: name,
        size: 52_311,
        store: told.store,
        bucket: told.bucket,
        key: told.key
    )
}

/// A failure of the job whose link `linkEvents([41])` is, of a file of this name.
func failure(_ name: FileName = FileName("reports/a b.pdf")) throws -> UploadFailure {
    let told = try #require(linkEvents([41]).first)
    return UploadFailure(
        sequence: 40,
        id: told.link.id,
        at: Timestamp(seconds: 1_795_460_400),
        template: told.template,
        name: name,
        size: 52_311,
        store: told.store,
        key: told.key,
        code: "unreadable",
        message: "it may not be read; chmod g+r"
    )
}

/// A group of this name.
func group(_ name: FileName = FileName("drop-17")) throws -> GroupEvent {
    GroupEvent(
        sequence: 43,
        mark: GroupMark(
            id: UniqueID(at: Timestamp(seconds: 7), random: (1, 2)),
            name: name,
            revision: 1
        ),
        template: "inbox",
        members: 120,
        size: 52_311,
        publishedAt: Timestamp(seconds: 1_795_460_400)
    )
}
