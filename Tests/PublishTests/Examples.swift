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
